// The men's campaign of the small Open Bandit Dataset as logs, and what is known about it.

import { readFileSync } from "node:fs";

/** Where the data is, where it is beside the project. */
export const data = new URL("../../../shared/data/", import.meta.url);
/**
 * How often in 100,000 draws the shop's learner puts each item at each of three positions: `obp`
 * 0.4.1, `BernoulliTS(34, len_list=3, is_zozotown_prior=True, campaign="men",
 * random_state=12345).compute_batch_action_dist(n_sim=100_000)`.
 */
const shown = new URL("../fixtures/open_bandit_men_bts.json", import.meta.url);

/** How many items the campaign chooses among. */
export const items = 34;

/** `bts -> random` with the table as reward model, made with obp 0.4.1. */
export const reference = {
  ips: 0.003008626,
  snips: 0.003189423,
  direct_method: 0.006825809,
  doubly_robust: 0.003383924,
  self_normalised_doubly_robust: 0.003177092,
  clipped_ips: 0.003008626,
};
/** The effective sample size, to two decimals. */
export const effective = "655.71";

/** The same for `random -> bts`. */
export const referenceBack = {
  ips: 0.00453356,
  snips: 0.004604232,
  direct_method: 0.004719396,
  doubly_robust: 0.004611861,
  self_normalised_doubly_robust: 0.004610184,
  clipped_ips: 0.00453356,
};
export const effectiveBack = "2467.40";

/** What the learner showed, as lines of JSON; `undefined` where the file is not beside the project. */
export function openBandit() {
  return linesOf("bts", () => "");
}

/** What chance showed, with what the learner would have shown, as {@link openBandit}. */
export function openBanditBack() {
  const policies = JSON.parse(readFileSync(shown, "utf8")).map((counts) =>
    JSON.stringify(counts.map((count) => count / 100_000)),
  );
  return linesOf("random", (position) => `,"target_propensities":${policies[position - 1]}`);
}

function linesOf(policy, more) {
  let text;
  try {
    text = readFileSync(new URL(`open_bandit_men_${policy}.csv`, data), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
  const rows = text.trim().split("\n").slice(1);
  return rows
    .map((row, i) => {
      const [time, action, position, click, propensity] = row.split(",");
      const decided_at = Date.parse(time.replace(" ", "T"));
      return `{"decision_id":"${i}","decided_at":${decided_at},"action":${action},"propensity":${propensity},"reward":${click}${more(position)}}\n`;
    })
    .join("");
}
