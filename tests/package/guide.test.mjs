// The site's page on a real log shows what the evaluator says of that log.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Evaluator } from "moodloop/lab";
import { data, items, openBandit, reference } from "./open-bandit.mjs";

const guide = new URL("../../www/src/guide/bandit/", import.meta.url);
const numbers = JSON.parse(readFileSync(new URL("numbers.json", guide), "utf8"));
const view = readFileSync(new URL("view.html", guide), "utf8");

/** The figures of a page agree to so many. */
function near(found, shown, what) {
  assert.ok(Math.abs(found - shown) <= 1e-9 * Math.max(1, Math.abs(found)), `${what}: ${found}`);
}

test("the page's estimates are the reference's", () => {
  for (const [estimator, value] of Object.entries(reference)) {
    near(value, numbers.estimates[estimator].value, estimator);
  }
});

test("the page shows what the evaluator says of the data", (t) => {
  const bandit = openBandit();
  if (bandit === undefined) {
    t.skip("../shared/data/open_bandit_men_bts.csv is not there");
    return;
  }
  const log = new TextEncoder().encode(bandit);
  const evaluator = new Evaluator({ policies: ["uniform"], actions: items });
  evaluator.push(log);
  const { report } = evaluator.finish().policies[0];
  near(report.overlap.effective_sample_size, numbers.effective_sample_size, "effective");
  near(report.overlap.mean_weight, numbers.mean_weight, "mean weight");
  assert.equal(report.estimates.length, Object.keys(numbers.estimates).length);
  for (const { estimator, value, sequence, gain } of report.estimates) {
    const shown = numbers.estimates[estimator];
    near(value, shown.value, estimator);
    near(sequence.low, shown.low, `${estimator}, low`);
    near(sequence.high, shown.high, `${estimator}, high`);
    if (estimator === "doubly_robust") {
      const [low, high] = [gain.sequence.low, gain.sequence.high].map((end) =>
        (end * 10_000).toFixed(0).replace("-", "−"),
      );
      assert.ok(view.includes(`${low} to ${high} clicks`), `${low} to ${high}`);
    }
  }
  assert.ok(view.includes(report.overlap.effective_sample_size.toFixed(0)));
  assert.ok(view.includes(report.overlap.mean_weight.toFixed(2)));
});

test("the page's line of JavaScript makes the log from the data", (t) => {
  const bandit = openBandit();
  if (bandit === undefined) {
    t.skip("../shared/data/open_bandit_men_bts.csv is not there");
    return;
  }
  const [, code] = /node -e '\n([^']+)'/.exec(view) ?? [];
  const directory = mkdtempSync(join(tmpdir(), "moodloop-guide-"));
  try {
    copyFileSync(new URL("open_bandit_men_bts.csv", data), join(directory, "men.csv"));
    const made = execFileSync(process.execPath, ["-e", code], {
      cwd: directory,
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    const lines = (text) =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    assert.deepEqual(lines(made), lines(bandit));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
