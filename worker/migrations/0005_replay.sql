-- What a training reads of a pair, it reads of the pair alone, and it folds in the order of ids.

ALTER TABLE pairs ADD COLUMN context TEXT;          -- the decision's, as the core's bytes
-- The latest run that has learned something of a user.
ALTER TABLE users ADD COLUMN trained_by INTEGER;
-- Pairs that are folded already get theirs with the next training, which moves `folded` and
-- `shared` together.
UPDATE pairs SET dirty = 1 WHERE folded IS NOT NULL OR shared IS NOT NULL;
DROP INDEX pairs_to_unshare;

-- All that is merged to a pair's reward, so that its rows need not be looked up one by one.
DROP INDEX interactions_of_pair;
CREATE INDEX interactions_of_pair ON entertainment_interactions (decision_id, content_id, at,
  interaction_type, completion_percentage, mood_before, mood_after, reward);
