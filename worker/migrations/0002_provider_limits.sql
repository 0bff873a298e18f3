-- What outside providers allow. `day` is the provider's own day, which `searches` counts.
CREATE TABLE provider_limits (
  provider TEXT PRIMARY KEY,            -- spotify, youtube
  closed_until INTEGER NOT NULL DEFAULT 0,
  reason TEXT,                          -- why it is not asked until then
  day TEXT,
  searches INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
