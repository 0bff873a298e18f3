-- What a training in slices keeps between them, and between the weeks.

-- What the replay of the Q-table needs of a pair, so that it reads no decision.
ALTER TABLE pairs ADD COLUMN state TEXT;            -- the discretised context, in hexadecimal
ALTER TABLE pairs ADD COLUMN action_index INTEGER;
-- Pairs that are folded already get theirs with the next training.
UPDATE pairs SET dirty = 1 WHERE folded IS NOT NULL;

-- The Q-table after every folded pair up to a place in replay order. The ends of ISO weeks are
-- places without ids; any other place is where the latest slice or run stopped.
CREATE TABLE q_checkpoints (
  settings TEXT NOT NULL,               -- a hash of the rule's settings
  decided_at INTEGER NOT NULL,
  decision_id TEXT NOT NULL,
  content_id TEXT NOT NULL,
  part INTEGER NOT NULL,                -- a large table takes several rows
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX q_checkpoints_in_order
  ON q_checkpoints (decided_at, decision_id, content_id, part);

-- Whatever changes a folded pair, the checkpoints that have learned it are gone with it: the
-- replay starts again from the one before.
CREATE TRIGGER checkpoints_of_changed AFTER UPDATE OF folded ON pairs
WHEN OLD.folded IS NOT NEW.folded
BEGIN
  DELETE FROM q_checkpoints
  WHERE (decided_at, decision_id, content_id) >= (NEW.decided_at, NEW.decision_id, NEW.content_id);
END;
CREATE TRIGGER checkpoints_of_deleted AFTER DELETE ON pairs
WHEN OLD.folded IS NOT NULL
BEGIN
  DELETE FROM q_checkpoints
  WHERE (decided_at, decision_id, content_id) >= (OLD.decided_at, OLD.decision_id, OLD.content_id);
END;
-- With sessions, a decision is the next state of one at most 30 minutes before it. Only the ends
-- of weeks hold beyond a run, so only they must hear of one that comes late.
CREATE TRIGGER checkpoints_of_decided AFTER INSERT ON decisions
BEGIN
  DELETE FROM q_checkpoints WHERE decided_at >= NEW.decided_at - 1800000 AND decision_id = '';
END;

-- The hash of the shared model in a policy, by which a training sees that nothing has changed.
ALTER TABLE policies ADD COLUMN basis TEXT NOT NULL DEFAULT '';
