// What is wrong in turn with every field of every entry, and the trying of it.

import assert from "node:assert/strict";
import { MoodloopError } from "moodloop";

const missing = Symbol("missing");

/** What every field is given in turn; `wrong.*` below names the ones that suit a kind of field. */
export const values = {
  missing,
  null: null,
  NaN: Number.NaN,
  "-1": -1,
  101: 101,
  "1e309": Number.POSITIVE_INFINITY,
  "an unknown word": "musik",
  "another type": { toString: () => "music" },
  "a function": () => "music",
  "a symbol": Symbol("music"),
  "a bigint": 1n,
  "a 1 MB string": "x".repeat(1 << 20),
  "a lone surrogate": "\ud800",
  "a list": [[]],
};
/** The names of all values. */
export const all = Object.keys(values);
/** The names of all values but some, which are valid. */
export const but = (...valid) => all.filter((name) => !valid.includes(name));
/** The names of what is wrong for a kind of field. */
export const wrong = {
  word: all,
  optionalWord: but("missing"),
  id: but("missing", "an unknown word"),
  requiredId: but("an unknown word"),
  percent: but("missing"),
  time: but("missing", "-1", "101"),
  flag: but("missing"),
  object: but("missing", "another type"),
  whole: but("missing", "101"),
  signed: but("missing", "-1"),
  text: but("an unknown word"),
  share: but(),
  score: but(),
};

/** `input` with the field at `path` replaced. */
function broken(input, [name, ...rest], value) {
  const copy = Array.isArray(input) ? [...input] : { ...input };
  if (rest.length > 0) {
    copy[name] = broken(copy[name], rest, value);
  } else if (value === missing) {
    delete copy[name];
  } else {
    copy[name] = value;
  }
  return copy;
}

/** The error of a call, which must be ours. */
export async function refusal(call, codes, what) {
  const refused = await Promise.resolve()
    .then(call)
    .then(
      () => assert.fail(`${what} was accepted`),
      (error) => error,
    );
  assert.ok(refused instanceof MoodloopError, `${what}: ${refused?.stack ?? String(refused)}`);
  assert.ok(codes.includes(refused.code), `${what}: ${refused.code}: ${refused.message}`);
  assert.ok(refused.message.length < 500, `${what}: the message repeats too much of the input`);
  return refused;
}

/** Tries an entry with each of its fields wrong, with more fields, and with no object at all. */
export async function tryWrong({ entry, call, codes, good: given, fields }) {
  const good = typeof given === "function" ? given() : given;
  for (const [path, names] of Object.entries(fields)) {
    const field = path.split(".");
    for (const name of names) {
      const what = `${entry} with ${path}: ${name}`;
      const wrong = broken(good, field, values[name]);
      const { message } = await refusal(() => call(wrong), codes, what);
      assert.ok(message.includes(field.at(-1)), `${what} does not name the field: ${message}`);
    }
  }
  const extra = { ...good, extra_field: 1 };
  const { message } = await refusal(() => call(extra), codes, `${entry} with an extra field`);
  assert.ok(message.includes("extra_field"), message);
  for (const nothing of [null, 7, "music", [good], () => good]) {
    const { code } = await refusal(() => call(nothing), codes, `${entry} with ${String(nothing)}`);
    assert.ok(code);
  }
  const cyclic = { ...good };
  cyclic[Object.keys(good)[0]] = cyclic;
  await refusal(() => call(cyclic), codes, `${entry} with a cycle`);
  const trap = Object.defineProperty({ ...good }, Object.keys(good)[0], {
    enumerable: true,
    get: () => {
      throw new Error("a getter that throws");
    },
  });
  await assert.rejects(async () => call(trap), `${entry} with a getter that throws`);
}
