import type { Estimator } from "moodloop/lab";
import { decimals } from "../../words.ts";
import type { Told } from "./example.ts";

/** The estimators in the order in which to read them. */
export const estimators: Readonly<Record<Estimator, string>> = {
  doubly_robust: "doubly robust",
  self_normalised_doubly_robust: "self-normalised doubly robust",
  snips: "self-normalised weights (SNIPS)",
  ips: "weights (IPS)",
  clipped_ips: "clipped weights",
  direct_method: "direct method",
};

/** The estimates of one log, and how far they are from the truth in all of them. */
export function estimatesMarkup(logs: readonly Told[]): string {
  const [first] = logs;
  if (first === undefined) {
    return "";
  }
  const rows = Object.entries(estimators).map(([estimator, name]) => {
    const of = (told: Told) => told.estimates.find((one) => one.estimator === estimator);
    const told = of(first);
    const misses = logs.map((log) => (of(log)?.value ?? Number.NaN) - log.truth);
    const typical = Math.sqrt(misses.reduce((sum, miss) => sum + miss ** 2, 0) / misses.length);
    const held = logs.filter((log) => {
      const one = of(log);
      return one !== undefined && one.low <= log.truth && log.truth <= one.high;
    });
    const number = (value = Number.NaN): string => decimals(value, 3);
    return `<tr><th scope="row">${name}</th><td>${number(told?.value)}</td><td>${number(told?.low)} to ${number(told?.high)}</td><td>${number(typical)}</td><td>${held.length} of ${logs.length}</td></tr>`;
  });
  const { own, truth, decisions, effective } = first;
  return `<p>The log’s own policy earned ${decimals(own, 3)} a visit. Choosing by personality alone earns <b>${decimals(truth, 3)}</b>; the log knows nothing of that. Its ${decisions.toLocaleString("en")} decisions tell as much as ${effective.toFixed(0)} of the other policy’s own.</p>
<div class="scroller" tabindex="0" role="group" aria-label="Estimates"><table class="list plain figures"><thead><tr><th scope="col">Estimator</th><th scope="col">Says</th><th scope="col">95 % sequence</th><th scope="col">Typical miss</th><th scope="col">Held the truth</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>
<p class="hint">Says and sequence are of the first log; the typical miss (root mean square) and how often the sequence held the truth are of ${logs.length} logs.</p>`;
}

/** What a log says that cannot tell. */
export function refusalMarkup({ own, truth, refusal, warnings }: Told): string {
  const told = warnings.map((warning) => `<li>${warning}</li>`).join("");
  const verdict =
    refusal === undefined
      ? "It answers, with warnings:"
      : `It refuses, and says why: <b>${refusal}</b>. Its warnings:`;
  return `<p>This log’s own policy earned ${decimals(own, 3)}, the other earns ${decimals(truth, 3)}. ${verdict}</p><ul class="bullets">${told}</ul>`;
}
