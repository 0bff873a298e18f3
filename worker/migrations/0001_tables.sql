-- Everything that the Worker keeps. The guide's three tables keep its names and columns.
-- Times named *_at of type TEXT are ISO 8601 in UTC; those of type INTEGER are milliseconds
-- since 1970. Byte bodies are base64: D1 carries text in a third of the space of bytes.

CREATE TABLE users (
  user_id TEXT PRIMARY KEY,
  personality TEXT,                     -- JSON of five scores; NULL until one was put
  layer TEXT,                           -- the solved user layer; a cache
  layer_version INTEGER,                -- the policy that the layer belongs to
  first_version INTEGER,                -- the first policy that holds this person
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
  decision_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  week INTEGER NOT NULL,                -- ISO week of decided_at, as the core counts it
  content_type TEXT NOT NULL,
  context TEXT NOT NULL,                -- JSON, as the core names it
  action_index INTEGER NOT NULL,
  propensity REAL NOT NULL,
  source TEXT NOT NULL,                 -- agent, baseline, fallback
  policy_version INTEGER NOT NULL,
  executed INTEGER NOT NULL,            -- 0: the provider could not honour it in full
  arm TEXT NOT NULL,                    -- agent, baseline, holdout, client
  shadow_index INTEGER,                 -- what the agent would have chosen beside a control arm
  shadow_propensity REAL,               -- how likely the agent was to choose what was served
  shadow_gain REAL                      -- how much more the agent expected of its own choice
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_of_user ON decisions (user_id, decided_at);
CREATE INDEX decisions_by_week ON decisions (week);

CREATE TABLE entertainment_recommendations (
  decision_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  content_type TEXT NOT NULL,
  content_id TEXT NOT NULL,
  title TEXT NOT NULL,
  genre TEXT,
  metadata TEXT NOT NULL,               -- JSON with rl_params and time_of_day
  created_at TEXT NOT NULL,
  PRIMARY KEY (decision_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX recommendations_of_user
  ON entertainment_recommendations (user_id, content_id, created_at);

CREATE TABLE entertainment_interactions (
  user_id TEXT NOT NULL,
  interaction_id TEXT NOT NULL,         -- the Idempotency-Key where one was sent
  decision_id TEXT,                     -- NULL: organic, never trained on
  content_type TEXT,
  content_id TEXT NOT NULL,
  interaction_type TEXT,                -- NULL: the site sent a reward instead
  completion_percentage REAL,
  mood_before TEXT,
  mood_after TEXT,
  reward INTEGER,                       -- thousandths, where the site computed it itself
  arm TEXT,
  at INTEGER NOT NULL,
  body_hash TEXT NOT NULL,              -- tells a retry from another body under the same key
  metadata TEXT,                        -- JSON: the decision's own strategy and rl_params
  created_at TEXT NOT NULL,
  PRIMARY KEY (user_id, interaction_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX interactions_of_pair ON entertainment_interactions (decision_id, content_id);
CREATE INDEX interactions_of_user ON entertainment_interactions (user_id, at);
CREATE INDEX interactions_by_time ON entertainment_interactions (created_at);

-- One (decision, content) pair with feedback. `folded` is what the evidence holds of it.
CREATE TABLE pairs (
  decision_id TEXT NOT NULL,
  content_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  week INTEGER NOT NULL,                -- ISO week of the decision
  decided_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,            -- how many interactions the pair has
  counted INTEGER NOT NULL DEFAULT 0,   -- how many of them a training has reported
  dirty INTEGER NOT NULL,               -- 1: `folded` may not be what it should be
  folded INTEGER,                       -- reward in thousandths; NULL: not in the evidence
  PRIMARY KEY (decision_id, content_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pairs_to_fold ON pairs (user_id) WHERE dirty = 1;
CREATE INDEX pairs_of_user ON pairs (user_id, week, decided_at, decision_id, content_id);
CREATE INDEX pairs_in_order ON pairs (decided_at, decision_id, content_id)
  WHERE folded IS NOT NULL;

-- The evidence, one row per ISO week: integer sums, so any order of folding gives equal bytes.
CREATE TABLE evidence (
  week INTEGER PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;

-- What was published. The bytes are in KV under policy/v/{version}.
CREATE TABLE policies (
  version INTEGER PRIMARY KEY,
  status TEXT NOT NULL,                 -- published, rejected, erased
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  metadata TEXT NOT NULL,               -- JSON: the training that made it
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE system_tasks (
  id INTEGER PRIMARY KEY,
  task_name TEXT NOT NULL,
  status TEXT NOT NULL,                 -- running, completed, failed
  executed_at TEXT NOT NULL,
  finished_at TEXT,
  users_processed INTEGER NOT NULL DEFAULT 0,
  records_processed INTEGER NOT NULL DEFAULT 0,
  metadata TEXT NOT NULL,               -- JSON in the guide's shape
  progress TEXT NOT NULL                -- JSON: where the next slice goes on
) STRICT;
-- A trigger that fires twice names the same time.
CREATE UNIQUE INDEX tasks_by_time ON system_tasks (task_name, executed_at);
CREATE UNIQUE INDEX one_running_task ON system_tasks (task_name) WHERE status = 'running';

-- Who may write evidence. `holder` is NOT NULL so that a batch of an outdated holder fails whole.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL                   -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE catalog_items (
  id TEXT PRIMARY KEY,
  content_type TEXT NOT NULL,
  title TEXT NOT NULL,
  creator TEXT,
  genres TEXT NOT NULL,                 -- JSON list, the main genre first
  energy REAL NOT NULL,
  valence REAL NOT NULL,
  popularity REAL NOT NULL,
  url TEXT,
  thumbnail TEXT,
  -- A fixed number 0..=65535 by which large catalogs are sampled evenly.
  shuffle INTEGER NOT NULL DEFAULT (abs(random() % 65536))
) STRICT, WITHOUT ROWID;
CREATE INDEX catalog_by_band ON catalog_items (content_type, energy, popularity);
CREATE INDEX catalog_by_shuffle ON catalog_items (content_type, shuffle);

-- Sums of the days whose raw rows have left, so that before and after stay comparable.
CREATE TABLE daily_aggregates (
  day TEXT NOT NULL,
  arm TEXT NOT NULL,
  measure TEXT NOT NULL,                -- like, skip, completion, reward
  n INTEGER NOT NULL,
  total REAL NOT NULL,
  squares REAL NOT NULL,
  PRIMARY KEY (day, arm, measure)
) STRICT, WITHOUT ROWID;

-- People who asked to be erased and are not wholly gone yet.
CREATE TABLE erasures (
  user_id TEXT PRIMARY KEY,
  requested_at TEXT NOT NULL,
  first_version INTEGER
) STRICT, WITHOUT ROWID;
