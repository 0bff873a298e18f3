-- Every recommendation reads what the last twenty showed: contents and genres in one flat list, which
-- is half as long and read without looking into it; slots and titles, which it needs none of, beside it.
-- `served` stays for the version before, which writes it: a trigger tells it apart.
ALTER TABLE decisions ADD COLUMN contents TEXT;     -- JSON: content_id, genre, content_id, genre, … in order
ALTER TABLE decisions ADD COLUMN labels TEXT;       -- JSON: [slot, title] of each of them

UPDATE decisions SET
  contents = (
    SELECT json_group_array(value) FROM (
      SELECT part.value FROM json_each(served) item, json_each(item.value) part
      WHERE part.key < 2 ORDER BY item.key, part.key)),
  labels = (
    SELECT json_group_array(json_array(value ->> 2, value ->> 3))
    FROM (SELECT value FROM json_each(served) ORDER BY key))
WHERE served IS NOT NULL;

CREATE TRIGGER contents_of_served AFTER INSERT ON decisions
WHEN NEW.served IS NOT NULL
BEGIN
  UPDATE decisions SET
    contents = (
      SELECT json_group_array(value) FROM (
        SELECT part.value FROM json_each(NEW.served) item, json_each(item.value) part
        WHERE part.key < 2 ORDER BY item.key, part.key)),
    labels = (
      SELECT json_group_array(json_array(value ->> 2, value ->> 3))
      FROM (SELECT value FROM json_each(NEW.served) ORDER BY key))
  WHERE decision_id = NEW.decision_id;
END;

DROP VIEW entertainment_recommendations;

CREATE VIEW entertainment_recommendations AS
SELECT
  d.decision_id,
  label.key AS position,
  d.user_id,
  d.content_type,
  d.contents ->> (2 * label.key) AS content_id,
  label.value ->> 1 AS title,
  d.contents ->> (2 * label.key + 1) AS genre,
  json_set(d.metadata, '$.slot', label.value ->> 0) AS metadata,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS created_at
FROM decisions d, json_each(d.labels) label;

-- No statement reads by it: an entry a row for nothing.
DROP INDEX interactions_by_time;
