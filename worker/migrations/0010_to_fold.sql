-- A fold goes through the pairs in the order of their ids, which grow with time. By user alone, the
-- entries of a slice lay all over the index, and a fold of many weeks wrote half of it with each.
DROP INDEX pairs_to_fold;
CREATE INDEX pairs_to_fold ON pairs (week, user_id) WHERE dirty = 1;
