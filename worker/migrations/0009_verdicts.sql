-- Of interactions only verdicts are read by user and time: what is neither liked nor disliked writes
-- an entry less, and a recommendation finds the verdicts of its content type at once.
DROP INDEX interactions_of_user;
CREATE INDEX verdicts_of_user ON entertainment_interactions (user_id, content_type, at)
  WHERE interaction_type IN ('like', 'dislike');
