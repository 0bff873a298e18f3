// The men's campaign of the small Open Bandit Dataset as a log, and what is known about it.

import { readFileSync } from "node:fs";

const file = new URL("../../../shared/data/open_bandit_men_bts.csv", import.meta.url);

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

/** The log as lines of JSON, or `undefined` where the file is not beside the project. */
export function openBandit() {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
  const rows = text.trim().split("\n").slice(1);
  return rows
    .map((row, i) => {
      const [time, action, , click, propensity] = row.split(",");
      const decided_at = Date.parse(time.replace(" ", "T"));
      return `{"decision_id":"${i}","decided_at":${decided_at},"action":${action},"propensity":${propensity},"reward":${click}}\n`;
    })
    .join("");
}
