// `npx moodloop`, end to end: files and pipes in, text, JSON and exit codes out.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  effective,
  effectiveBack,
  items,
  openBandit,
  openBanditBack,
  reference,
  referenceBack,
} from "./open-bandit.mjs";

const root = new URL("../../", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("pkg/package.json", root), "utf8"));
const cli = fileURLToPath(new URL(`pkg/${manifest.bin.moodloop}`, root));
const folder = new URL("target/cli-test/", root);
const path = (name) => fileURLToPath(new URL(name, folder));

/** Runs the command line; what it printed, and its exit code. */
function moodloop(args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args]);
    const [out, err] = [[], []];
    child.stdout.on("data", (piece) => out.push(piece));
    child.stderr.on("data", (piece) => err.push(piece));
    child.on("error", reject);
    child.on("close", (code) => {
      const bytes = Buffer.concat(out);
      resolve({ code, out: bytes.toString(), bytes, err: Buffer.concat(err).toString() });
    });
    // A command that fails early closes its end of the pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}

/** Runs a command that must succeed quietly, and gives its JSON. */
async function json(args, input) {
  const { code, out, err } = await moodloop([...args, "--json"], input);
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out);
}

const commands = ["evaluate", "train", "inspect", "simulate", "convert"];

describe("moodloop", () => {
  before(() => mkdirSync(folder, { recursive: true }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("helps, tells its version, and refuses what it does not know", async () => {
    const { code, out } = await moodloop(["--help"]);
    assert.equal(code, 0);
    for (const name of commands) {
      assert.ok(out.includes(`\n  ${name} `), name);
      const help = await moodloop([name, "--help"]);
      assert.equal(help.code, 0);
      assert.ok(help.out.startsWith(`Usage: moodloop ${name} `) && help.out.includes("--json"));
      assert.match(help.out, new RegExp(`\nExamples:\n(  .*\n)*  .*moodloop ${name}`));
    }
    assert.equal((await moodloop(["--version"])).out, `${manifest.version}\n`);
    for (const wrong of [
      [],
      ["prophesy"],
      ["toString"],
      ["evaluate"],
      ["evaluate", "a", "b"],
      ["evaluate", "-", "--colour"],
      ["evaluate", "-", "--clip", "wide"],
      ["evaluate", "-", "--clip", "0"],
      ["evaluate", "-", "--policy", "joy"],
      ["evaluate", "-", "--policy", "baseline", "--actions", "3"],
      ["train", "-"],
      ["train", "-", "-o", "-", "--json"],
      ["simulate", "--rounds", "1"],
      ["simulate", "--learners", "agent,oracle"],
      ["simulate", "--seeds", "0"],
      ["simulate", "--seeds", "2", "--log", path("two.jsonl")],
      ["convert", "-"],
    ]) {
      const { code, out, err } = await moodloop(wrong);
      assert.deepEqual([code, out], [2, ""], wrong.join(" "));
      assert.match(err, /^moodloop: .+\nTry `moodloop .*--help`\.\n$/, wrong.join(" "));
    }
  });

  test("simulates, trains, inspects and evaluates: the trained policy earns more later", async () => {
    const log = path("uniform.jsonl");
    const size = ["--rounds", "16000", "--audience", "null", "--learners", "uniform"];
    const { runs } = await json(["simulate", ...size, "--seed", "2", "--log", log]);
    assert.deepEqual([runs.length, runs[0].done, runs[0].learners[0].curve.length], [1, 16000, 50]);
    const lines = readFileSync(log, "utf8").split("\n");
    writeFileSync(path("early.jsonl"), lines.slice(0, 8000).join("\n"));
    writeFileSync(path("late.jsonl"), lines.slice(8000).join("\n"));
    const policy = path("policy.bin");
    const trained = await json(["train", path("early.jsonl"), "-o", policy]);
    assert.deepEqual([trained.counts.rows, trained.bytes], [8000, readFileSync(policy).length]);
    const piped = await moodloop(["train", "-", "-o", "-"], readFileSync(path("early.jsonl")));
    assert.deepEqual([piped.code, piped.err], [0, ""]);
    assert.deepEqual(piped.bytes, readFileSync(policy));
    const { learned, favourites } = await json(["inspect", policy]);
    assert.deepEqual([learned, favourites.length], [8000, 5]);
    const args = ["evaluate", path("late.jsonl"), "--policy", policy, "-p", "uniform"];
    const { policies, counts } = await json(args);
    assert.equal(counts.rows, 8000);
    // Here the gain is 0.34 ± 0.04; each of the seeds 0 to 19 shows one at this size.
    const robust = policies[0].report.estimates.find((e) => e.estimator === "doubly_robust");
    assert.ok(robust.gain.sequence.low > 0, JSON.stringify(robust.gain));
    const { out } = await moodloop(args);
    assert.match(out, /policy\.bin: earns more than the log's own policy\./);
    assert.match(out, /uniform: is not told apart from the log's own policy\./);
  });

  test("repeats a simulation with several seeds", async () => {
    const size = ["--rounds", "300", "--users", "1", "--seeds", "2", "--drift"];
    const { runs } = await json(["simulate", ...size]);
    assert.deepEqual(
      runs.map(({ seed }) => seed),
      [0, 1],
    );
    const { code, out } = await moodloop(["simulate", ...size, "--learners", "agent,q_table"]);
    assert.equal(code, 0);
    assert.match(out, /^ +score +over the seeds.*\nagent .*\nq_table .*\n$/);
  });

  test("gives Open Bandit's reference numbers, both ways", async (t) => {
    const [there, back] = [openBandit(), openBanditBack()];
    if (there === undefined || back === undefined) {
      t.skip("../shared/data/open_bandit_men_*.csv are not there");
      return;
    }
    for (const [log, policy, values, size] of [
      [there, "uniform", reference, effective],
      [back, "logged", referenceBack, effectiveBack],
    ]) {
      writeFileSync(path("bandit.jsonl"), log);
      const args = ["--actions", String(items), "--policy", policy];
      const { policies } = await json(["evaluate", path("bandit.jsonl"), ...args]);
      const { estimates, overlap } = policies[0].report;
      for (const { estimator, value } of estimates) {
        assert.ok(Math.abs(value - values[estimator]) < 1e-9, `${policy} ${estimator} ${value}`);
      }
      assert.equal(estimates.length, 6);
      assert.equal(overlap.effective_sample_size.toFixed(2), size);
      assert.deepEqual((await json(["evaluate", "-", ...args], log)).policies, policies);
    }
  });

  test("converts a Q-table of the guide's Python system", async () => {
    const state = "('high', 'medium', 'low', 'medium', 'low', 'music', 'relaxed', 'evening')";
    const table = {
      [state]: {
        "('low', 'diverse', 'exploratory')": 0.82,
        "('low', 'focused', 'familiar')": 0.65,
        "('medium', 'balanced', 'mixed')": 0.71,
      },
    };
    writeFileSync(path("q_table.json"), JSON.stringify(table));
    const policy = path("converted.bin");
    const { code, out } = await moodloop(["convert", path("q_table.json"), "-o", policy]);
    assert.deepEqual([code, out], [0, `Wrote 3 cells of 1 state to ${policy}.\n`]);
    const { decide_by, q_table } = await json(["inspect", policy]);
    assert.equal(decide_by, "q_table");
    assert.equal(q_table.max_q_value, 0.82);
    const wrong = JSON.stringify(table).replace("relaxed", "mellow");
    const refused = await moodloop(["convert", "-", "-o", policy], wrong);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^moodloop: state `\('high'.*`mellow` is none of neutral/);
  });

  test("waits for a reader that is slower than a policy is long", async () => {
    const levels = ["low", "medium", "high"];
    const words = [levels, levels, levels, levels, levels, ["music", "video", "game"]];
    words.push(["happy", "relaxed", "sad", "tired"], ["morning", "evening"]);
    const states = words.reduce(
      (starts, next) => starts.flatMap((s) => next.map((w) => [...s, w])),
      [[]],
    );
    const table = Object.fromEntries(
      states.map((s) => [s.join("|"), { low_focused_familiar: 1, 5: 2 }]),
    );
    writeFileSync(path("long.json"), JSON.stringify(table));
    await json(["convert", path("long.json"), "-o", path("long.bin")]);
    const policy = readFileSync(path("long.bin"));
    // What a pipe of Node's takes without a reader, on Linux.
    assert.ok(policy.length > 219_264, `${policy.length} bytes are not enough to tell`);
    const stdio = ["ignore", "pipe", "inherit"];
    const child = spawn(process.execPath, [cli, "convert", path("long.json"), "-o", "-"], {
      stdio,
    });
    const closed = once(child, "close");
    // One that does not wait for its reader has ended by then.
    await Promise.race([once(child, "exit"), setTimeout(5000)]);
    const pieces = await child.stdout.toArray();
    assert.deepEqual((await closed)[0], 0);
    assert.deepEqual(Buffer.concat(pieces), policy);
  });

  test("names the bad line, or counts it and goes on", async () => {
    const log = path("bad.jsonl");
    const size = ["--rounds", "100", "--learners", "uniform", "--log", log];
    await json(["simulate", ...size]);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    lines.splice(41, 0, lines[41].replace(/"propensity":[^,]*/, '"propensity":0'), lines[7]);
    lines[101] = lines[101].slice(0, 50);
    writeFileSync(log, lines.join("\n"));
    for (const args of [
      ["evaluate", log],
      ["train", log, "-o", path("bad.bin")],
    ]) {
      const { code, out, err } = await moodloop(args);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, /^moodloop: line 42: `line\.propensity` must be a number .* got `0`\n$/);
      const { counts } = await json([...args, "--skip-bad-lines"]);
      assert.equal(counts.rows, 99);
      const { malformed, duplicate, first } = counts.skipped;
      assert.deepEqual([malformed, duplicate], [2, 1]);
      assert.match(first, /^line 42: /);
    }
    assert.throws(() => readFileSync(path("not-there.bin")));
    for (const args of [
      ["evaluate", path("not-there.jsonl")],
      ["evaluate", fileURLToPath(folder)],
      ["evaluate", "-", "--policy", path("not-there.bin")],
      ["inspect", log],
      ["train", "-", "-o", path("no/such/folder.bin")],
    ]) {
      const { code, err } = await moodloop(args);
      assert.equal(code, 1, err);
      assert.match(err, /^moodloop: [^\n]+\n$/);
    }
    const { err } = await moodloop(["evaluate", "not-there.jsonl"]);
    assert.equal(err, "moodloop: `not-there.jsonl`: no such file or directory\n");
  });

  test("holds no more of a longer stream", { timeout: 240_000 }, async () => {
    const line = (i) =>
      `{"decision_id":"d${i}","decided_at":${i},"action":${i % 3},"propensity":0.25,"reward":1}\n`;
    /** The most memory that evaluating `count` lines from a pipe took, in bytes. */
    const peak = (count) =>
      new Promise((resolve, reject) => {
        const probe = `
          import { writeSync } from "node:fs";
          process.on("exit", () => writeSync(2, String(process.resourceUsage().maxRSS)));
          process.argv = [process.execPath, "moodloop", "evaluate", "-", "--actions", "4"];
          await import(${JSON.stringify(new URL(`pkg/${manifest.bin.moodloop}`, root).href)});`;
        const child = spawn(process.execPath, ["--input-type=module", "--eval", probe], {
          stdio: ["pipe", "ignore", "pipe"],
        });
        let said = "";
        child.stderr.on("data", (piece) => {
          said += piece;
        });
        child.on("error", reject);
        child.stdin.on("error", reject);
        child.on("close", () => resolve(1024 * Number(said)));
        let at = 0;
        const more = () => {
          while (at < count) {
            const to = Math.min(at + 500, count);
            let text = "";
            for (; at < to; at++) {
              text += line(at);
            }
            if (!child.stdin.write(text)) {
              child.stdin.once("drain", more);
              return;
            }
          }
          child.stdin.end();
        };
        more();
      });
    const [small, large] = [await peak(100_000), await peak(500_000)];
    const grown = (large - small) / 2 ** 20;
    assert.ok(grown < 24, `400,000 lines more, 35 MB, took ${grown.toFixed(1)} MB more`);
  });
});
