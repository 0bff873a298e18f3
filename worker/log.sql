-- What the evidence holds of decisions that the agent drew here, as the lines that
-- `moodloop evaluate` reads; worker/README.md shows how to run it.
SELECT json_object(
  'decision_id', d.decision_id,
  'content_id', p.content_id,
  'user_id', d.user_id,
  'decided_at', d.decided_at,
  'context', json(d.context),
  'action', d.action_index,
  'propensity', d.propensity,
  'reward', p.folded / 1000.0
) AS line
FROM pairs p JOIN decisions d ON d.decision_id = p.decision_id
WHERE p.folded IS NOT NULL AND d.arm = 'agent' AND d.source = 'agent'
ORDER BY p.decided_at, p.decision_id, p.content_id;
