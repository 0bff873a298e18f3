-- An interaction marks its pair for the next fold wherever it comes from, and no feedback needs a
-- statement of its own for that. Counting what is stored, not adding one: it cannot drift.
CREATE TRIGGER pairs_of_interactions AFTER INSERT ON entertainment_interactions
WHEN NEW.decision_id IS NOT NULL
BEGIN
  INSERT INTO pairs (decision_id, content_id, user_id, week, decided_at, revision, dirty)
  SELECT d.decision_id, NEW.content_id, d.user_id, d.week, d.decided_at,
    (SELECT count(*) FROM entertainment_interactions i
     WHERE i.decision_id = NEW.decision_id AND i.content_id = NEW.content_id), 1
  FROM decisions d
  WHERE d.decision_id = NEW.decision_id AND d.executed = 1 AND d.source <> 'fallback'
  ON CONFLICT (decision_id, content_id) DO UPDATE SET revision = excluded.revision, dirty = 1;
END;
