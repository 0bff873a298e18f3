import { readFileSync } from "node:fs";
import type { Estimator } from "moodloop/lab";
import { type Examples, examples, SEED } from "../src/guide/trust/example.ts";
import { estimatesMarkup, estimators, refusalMarkup } from "../src/guide/trust/markup.ts";
import { decimals } from "../src/words.ts";

let made: Examples | undefined;

/** The examples of the page, made once. */
function madeExamples(): Examples {
  made ??= [...examples(SEED)].at(-1);
  if (made === undefined) {
    throw new Error("no example was made");
  }
  return made;
}

/** The estimates of a log that can tell, by the package's own evaluator. */
export function estimates(): string {
  return estimatesMarkup(madeExamples().blind);
}

/** What the evaluator says of a log that cannot. */
export function refusal(): string {
  const { settled } = madeExamples();
  return settled === undefined ? "" : refusalMarkup(settled);
}

/** What the evaluator says of the Open Bandit log; a test holds it to a run on the data. */
interface Bandit {
  truth: number;
  effective_sample_size: number;
  estimates: Record<Estimator, { value: number; low: number; high: number }>;
}

const NUMBERS = new URL("../src/guide/bandit/numbers.json", import.meta.url);

/** The table of the page on a real log. */
export function bandit(): string {
  const { truth, estimates: told } = JSON.parse(readFileSync(NUMBERS, "utf8")) as Bandit;
  const clicks = (rate: number): string => decimals(rate * 10_000, 1);
  const rows = (Object.keys(estimators) as Estimator[]).map((estimator) => {
    const { value, low, high } = told[estimator];
    const off = `${value < truth ? "−" : "+"}${Math.abs((value / truth - 1) * 100).toFixed(0)} %`;
    return `<tr><th scope="row">${estimators[estimator]}</th><td>${clicks(value)}</td><td>${clicks(low)} to ${clicks(high)}</td><td>${off}</td></tr>`;
  });
  return `<div class="scroller" tabindex="0" role="group" aria-label="Estimates"><table class="list plain figures"><thead><tr><th scope="col">Estimator</th><th scope="col">Clicks in 10,000</th><th scope="col">95 % sequence</th><th scope="col">Off by</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
