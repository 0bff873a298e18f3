-- A fold reads a pair's decision in the pair's own row: the short form of the context comes with the
-- decision, and the trigger that makes the pair takes it over.

ALTER TABLE decisions ADD COLUMN packed TEXT;       -- the context as the core's bytes, in base64
-- Pairs of decisions without it get theirs with the fold, which reads the decision's `context` then.
UPDATE pairs SET action_index =
  (SELECT d.action_index FROM decisions d WHERE d.decision_id = pairs.decision_id)
WHERE action_index IS NULL;

DROP TRIGGER pairs_of_interactions;
CREATE TRIGGER pairs_of_interactions AFTER INSERT ON entertainment_interactions
WHEN NEW.decision_id IS NOT NULL
BEGIN
  INSERT INTO pairs (decision_id, content_id, user_id, week, decided_at, revision, dirty,
    action_index, context)
  SELECT d.decision_id, NEW.content_id, d.user_id, d.week, d.decided_at,
    (SELECT count(*) FROM entertainment_interactions i
     WHERE i.decision_id = NEW.decision_id AND i.content_id = NEW.content_id), 1,
    d.action_index, d.packed
  FROM decisions d
  WHERE d.decision_id = NEW.decision_id AND d.executed = 1 AND d.source <> 'fallback'
  ON CONFLICT (decision_id, content_id) DO UPDATE SET revision = excluded.revision, dirty = 1;
END;
