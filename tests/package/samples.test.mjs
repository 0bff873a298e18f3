// Every JavaScript sample of the READMEs and of the package's own documentation runs.

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = new URL("../../", import.meta.url);
// Inside the repository, so that `moodloop` is found as a site would find it.
const folder = new URL("target/samples/", root);

/** A failed `console.assert` only prints; here it must fail. */
const strict = `console.assert = (holds) => { if (!holds) throw new Error("a sample's assertion failed"); };`;

/** The JavaScript blocks of a text, comment stars taken off. */
function samples(text) {
  const blocks = text.matchAll(/^( *\* ?)?```js\n([\s\S]*?)^( *\* ?)?```/gm);
  return [...blocks].map(([, star, body]) =>
    star === undefined ? body : body.replace(/^ *\* ?/gm, ""),
  );
}

const sources = readdirSync(new URL("pkg/src/", root), { recursive: true })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `pkg/src/${name}`);
const files = ["README.md", "pkg/README.md", ...sources]
  .map((file) => ({ file, blocks: samples(readIfThere(file)) }))
  .filter(({ blocks }) => blocks.length > 0);

function readIfThere(file) {
  try {
    return readFileSync(new URL(file, root), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") {
      return "";
    }
    throw error;
  }
}

describe("samples", { concurrency: 2 }, () => {
  before(() => mkdirSync(folder, { recursive: true }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { file, blocks } of files) {
    blocks.forEach((block, i) => {
      test(`${file}, sample ${i + 1}`, async () => {
        const path = new URL(`${file.replaceAll("/", "-")}-${i + 1}.mjs`, folder);
        writeFileSync(path, `${strict}\n${block}`);
        await promisify(execFile)(process.execPath, [fileURLToPath(path)]);
      });
    });
  }
});
