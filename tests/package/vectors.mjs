// What the package answers to one case of tests/vectors/: the same in Node, in a browser and in workerd.

/** The answer of the function that a case names. */
export function answer(moodloop, call, args) {
  if (call === "run") {
    return run(moodloop, ...args);
  }
  return moodloop[call](...args);
}

/** A life of an agent: every decision with its probability, and what it knows at the end. */
function run({ Agent }, options, steps) {
  const agent = new Agent(options);
  const decisions = steps.map(({ decide, learn }) => {
    const { decision_id, action_index, propensity } = agent.decide(decide);
    for (const report of learn) {
      agent.learn(decision_id, report);
    }
    return [action_index, propensity];
  });
  const values = agent.values(steps.at(-1).decide);
  const stats = agent.stats();
  agent.free();
  return { decisions, values, stats };
}
