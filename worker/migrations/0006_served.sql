-- What a decision served lies in its own row: ten rows and their index entries a recommendation were
-- most of what a recommendation cost. The guide's table is a view of it, so that its SQL runs as before.
ALTER TABLE decisions ADD COLUMN served TEXT;       -- JSON: [content_id, genre, slot, title] of each item in order
ALTER TABLE decisions ADD COLUMN metadata TEXT;     -- JSON that all of its items share

UPDATE decisions SET
  served = (
    SELECT json_group_array(json_array(content_id, genre, metadata ->> 'slot', title))
    FROM (SELECT * FROM entertainment_recommendations r
          WHERE r.decision_id = decisions.decision_id ORDER BY position)),
  metadata = (
    SELECT r.metadata FROM entertainment_recommendations r
    WHERE r.decision_id = decisions.decision_id ORDER BY position LIMIT 1)
WHERE decision_id IN (SELECT decision_id FROM entertainment_recommendations);

DROP TABLE entertainment_recommendations;

CREATE VIEW entertainment_recommendations AS
SELECT
  d.decision_id,
  item.key AS position,
  d.user_id,
  d.content_type,
  item.value ->> 0 AS content_id,
  item.value ->> 3 AS title,
  item.value ->> 1 AS genre,
  json_set(d.metadata, '$.slot', item.value ->> 2) AS metadata,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS created_at
FROM decisions d, json_each(d.served) item;
