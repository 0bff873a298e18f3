-- A fold goes from user to user within a week, and a marked pair goes by a number there: ids, which
-- are most of a pair, need not cross.

ALTER TABLE pairs ADD COLUMN mark INTEGER;          -- where `dirty`: no other of its user's week has it
UPDATE pairs SET mark = numbered.mark
FROM (SELECT decision_id AS decision, content_id AS content,
        row_number() OVER (PARTITION BY week, user_id) AS mark
      FROM pairs WHERE dirty = 1) AS numbered
WHERE decision_id = decision AND content_id = content;
DROP INDEX pairs_to_fold;
CREATE INDEX pairs_to_fold ON pairs (week, user_id, mark) WHERE dirty = 1;

DROP TRIGGER pairs_of_interactions;
CREATE TRIGGER pairs_of_interactions AFTER INSERT ON entertainment_interactions
WHEN NEW.decision_id IS NOT NULL
BEGIN
  INSERT INTO pairs (decision_id, content_id, user_id, week, decided_at, revision, dirty,
    action_index, context, mark)
  SELECT d.decision_id, NEW.content_id, d.user_id, d.week, d.decided_at,
    (SELECT count(*) FROM entertainment_interactions i
     WHERE i.decision_id = NEW.decision_id AND i.content_id = NEW.content_id), 1,
    d.action_index, d.packed,
    (SELECT coalesce(max(mark), 0) + 1 FROM pairs
     WHERE week = d.week AND user_id = d.user_id AND dirty = 1)
  FROM decisions d
  WHERE d.decision_id = NEW.decision_id AND d.executed = 1 AND d.source <> 'fallback'
  ON CONFLICT (decision_id, content_id) DO UPDATE SET revision = excluded.revision, dirty = 1;
END;

CREATE TRIGGER pairs_marked_again AFTER UPDATE OF dirty ON pairs
WHEN NEW.dirty = 1 AND OLD.dirty = 0
BEGIN
  UPDATE pairs SET mark =
    (SELECT coalesce(max(mark), 0) + 1 FROM pairs
     WHERE week = NEW.week AND user_id = NEW.user_id AND dirty = 1)
  WHERE decision_id = NEW.decision_id AND content_id = NEW.content_id;
END;
