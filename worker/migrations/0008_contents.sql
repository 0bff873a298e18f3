-- Every recommendation reads what the last twenty showed: contents and genres in one flat list, which
-- is half as long and read without looking into it; slots and titles, which it needs none of, beside it.
-- `served` goes, so that a Worker that still writes it fails and is not misread.
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

DROP VIEW entertainment_recommendations;
ALTER TABLE decisions DROP COLUMN served;

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
