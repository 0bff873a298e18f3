-- Each index is another page that an interaction writes. One serves a user's pairs, marked or all;
-- of interactions only verdicts are read by user and time.
DROP INDEX pairs_to_fold;
DROP INDEX pairs_of_user;
CREATE INDEX pairs_of_user ON pairs (user_id, dirty, decided_at);

DROP INDEX interactions_of_user;
CREATE INDEX verdicts_of_user ON entertainment_interactions (user_id, content_type, at)
  WHERE interaction_type IN ('like', 'dislike');
