// The package as npm would publish it: its list of files, its exports and types, and the packed
// tarball installed and loaded by everything that loads packages.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { openWorkerd } from "./workerd.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const path = (url) => fileURLToPath(url);
const root = new URL("../../", import.meta.url);
const pkg = new URL("pkg/", root);
// Outside every node_modules, so that only the tarball answers to `moodloop`.
const site = new URL("target/tarball/", root);
const packed = new URL("node_modules/moodloop/", site);

/** What every consumer below runs, and what it must answer. */
const main = `
import { Agent, Moodloop, parameters } from "moodloop";
import { Agent as Same } from "moodloop/agent";
const item = { id: "m1", title: "Clair de lune", content_type: "music", genres: ["classical"],
  energy: 0.2, valence: 0.5, popularity: 80 };
export async function answer() {
  const loop = await Moodloop.open({ name: "consumer" });
  const pick = loop.recommend({ content_type: "music", mood: "calm" });
  const { reward } = await loop.feedback(pick.decision_id, { interaction_type: "like" });
  const [first] = await loop.rank([item], pick);
  await loop.close();
  const { min_energy } = parameters(26, { content_type: "music", time_of_day: "night" });
  return JSON.stringify([pick.propensities.length, reward, min_energy, first.id, Agent === Same]);
}
`;
const wanted = JSON.stringify([27, 1, 0.6, "m1", true]);

/** Runs a tool of node_modules on this Node. */
function tool(name, args, options) {
  const [folder, bin] = name;
  const manifest = require.resolve(`${folder}/package.json`);
  const bins = JSON.parse(readFileSync(manifest, "utf8")).bin;
  const script = typeof bins === "string" ? bins : bins[bin];
  return run(process.execPath, [path(new URL(script, pathToFileURL(manifest))), ...args], options);
}

/** Builds for a page with esbuild, and gives the text. */
async function bundled(options) {
  const { outputFiles } = await esbuild({
    stdin: { contents: main, resolveDir: path(site) },
    bundle: true,
    format: "esm",
    write: false,
    minify: true,
    logLevel: "silent",
    ...options,
  });
  return outputFiles[0].text;
}

describe("the packed package", () => {
  let files;

  before(async () => {
    rmSync(site, { recursive: true, force: true });
    mkdirSync(packed, { recursive: true });
    writeFileSync(new URL("package.json", site), `{ "type": "module", "private": true }`);
    writeFileSync(new URL("main.mjs", site), main);
    const npm = process.env.npm_execpath;
    const args = [
      "pack",
      path(pkg),
      "--pack-destination",
      path(site),
      "--json",
      "--ignore-scripts",
    ];
    const { stdout } =
      npm === undefined ? await run("npm", args) : await run(process.execPath, [npm, ...args]);
    const parsed = JSON.parse(stdout);
    const [{ filename, files: listed }] = Array.isArray(parsed) ? parsed : Object.values(parsed);
    files = listed.map((file) => file.path);
    const tarball = path(new URL(filename, site));
    await run("tar", ["-xzf", tarball, "-C", path(packed), "--strip-components=1"]);
  });

  after(() => rmSync(site, { recursive: true, force: true }));

  test("it holds the wasm file, its licences and types, and no sources", () => {
    for (const file of [
      "wasm/core.wasm",
      "wasm/catalog.wasm",
      "README.md",
      "dist/LICENSE-MIT",
      "dist/LICENSE-APACHE",
    ]) {
      assert.ok(files.includes(file), `${file} is in the package`);
    }
    assert.ok(files.some((file) => file.endsWith(".d.ts")));
    assert.deepEqual(
      files.filter((file) => file.startsWith("src/") || file.startsWith("scripts/")),
      [],
    );
    const manifest = JSON.parse(readFileSync(new URL("package.json", packed), "utf8"));
    assert.deepEqual(
      Object.keys(manifest.dependencies ?? {}).filter((name) => name !== "idb"),
      [],
    );
  });

  test("every export leads to a file, types first", () => {
    const { exports } = JSON.parse(readFileSync(new URL("package.json", packed), "utf8"));
    for (const [entry, target] of Object.entries(exports)) {
      const conditions = typeof target === "string" ? { default: target } : target;
      const names = Object.keys(conditions);
      assert.ok(
        typeof target === "string" || names[0] === "types",
        `${entry} says its types first`,
      );
      for (const file of Object.values(conditions)) {
        assert.ok(files.includes(file.slice(2)), `${entry} leads to ${file}`);
      }
    }
  });

  test("publint finds nothing", async () => {
    const { publint } = await import("publint");
    const { messages } = await publint({ pkgDir: path(packed), strict: true, pack: false });
    assert.deepEqual(messages, []);
  });

  test("arethetypeswrong finds nothing", async () => {
    const tarball = readdirSync(site).find((name) => name.endsWith(".tgz"));
    await tool(
      ["@arethetypeswrong/cli", "attw"],
      [
        path(new URL(tarball, site)),
        "--profile",
        "esm-only",
        "--exclude-entrypoints",
        "./core.wasm",
        "./catalog.wasm",
        "./lab.wasm",
      ],
    );
  });

  test("Node", async () => {
    const { answer } = await import(new URL("main.mjs", site));
    assert.equal(await answer(), wanted);
  });

  test("the acceptance harness's way: the file that exports names for Node", async () => {
    const { exports } = JSON.parse(readFileSync(new URL("package.json", packed), "utf8"));
    const { Agent } = await import(new URL(exports["./agent"].node, packed));
    const agent = new Agent({ seed: 1 });
    const { decision_id } = agent.decide({ content_type: "music", time_of_day: "evening" });
    assert.equal(agent.learn(decision_id, { reward: 0.25 }).reward, 0.25);
  });

  test("its command line, and its lab for a page", async () => {
    const { bin } = JSON.parse(readFileSync(new URL("package.json", packed), "utf8"));
    const cli = path(new URL(bin.moodloop, packed));
    const { stdout } = await run(process.execPath, [cli, "simulate", "--rounds", "60", "--json"]);
    assert.equal(JSON.parse(stdout).runs[0].done, 60);
    const contents = `export { Simulation } from "moodloop/lab";`;
    const stdin = { contents, resolveDir: path(site) };
    const file = new URL("lab.mjs", site);
    writeFileSync(file, await bundled({ platform: "browser", stdin }));
    const { Simulation } = await import(file);
    assert.equal(new Simulation({ rounds: 60 }).report().rounds, 60);
  });

  test("esbuild, for a page", async () => {
    const text = await bundled({ platform: "browser" });
    assert.doesNotMatch(text, /node:fs|core\.wasm/);
    const file = new URL("esbuild.mjs", site);
    writeFileSync(file, text);
    assert.equal(await (await import(file)).answer(), wanted);
  });

  test("Vite, for a page", async () => {
    const { build } = await import("vite");
    const { output } = await build({
      root: path(site),
      configFile: false,
      logLevel: "error",
      build: {
        write: false,
        // Its helper for preloading asks for a document, and this runs in Node.
        modulePreload: false,
        rollupOptions: {
          input: path(new URL("main.mjs", site)),
          preserveEntrySignatures: "strict",
        },
      },
    });
    const chunks = output.filter(({ type }) => type === "chunk");
    mkdirSync(new URL("vite/assets", site), { recursive: true });
    for (const { fileName, code } of chunks) {
      writeFileSync(new URL(`vite/${fileName}`, site), code);
    }
    const entry = chunks.find(({ isEntry }) => isEntry);
    assert.ok(chunks.length > 1, "what ranks is a chunk of its own");
    const { answer } = await import(new URL(`vite/${entry.fileName}`, site));
    assert.equal(await answer(), wanted);
  });

  test("webpack 5, for a page", async () => {
    const { default: webpack } = await import("webpack");
    const stats = await promisify(webpack)({
      mode: "production",
      context: path(site),
      entry: path(new URL("main.mjs", site)),
      experiments: { outputModule: true },
      target: "web",
      output: { path: path(site), filename: "webpack.mjs", library: { type: "module" } },
      performance: { hints: false },
    });
    assert.deepEqual(stats.toJson().errors, []);
    assert.deepEqual(stats.toJson().warnings, []);
    assert.equal(await (await import(new URL("webpack.mjs", site))).answer(), wanted);
  });

  test("workerd, which takes the wasm file as a module", async () => {
    const script = `${main}
      export default { fetch: async () => new Response(await answer()) };`;
    const worker = await openWorkerd(script, path(site));
    try {
      const response = await worker.dispatchFetch("http://localhost/");
      assert.equal(await response.text(), wanted);
    } finally {
      await worker.dispose();
    }
  });

  test("the slim entry, with a file that the site placed itself", async () => {
    const file = new URL("slim.mjs", site);
    writeFileSync(
      file,
      `import { init, Agent } from "moodloop/slim";
       import { core } from "moodloop/url";
       import { readFileSync } from "node:fs";
       await init(readFileSync(new URL(core)));
       export const { strategy } = new Agent({ seed: 1 }).decide({ content_type: "game", time_of_day: "night" });`,
    );
    assert.match((await import(file)).strategy, /^(low|medium|high)_/);
  });

  test("a strict TypeScript program compiles against its types", async () => {
    writeFileSync(
      new URL("tsconfig.json", site),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          target: "ES2022",
          lib: ["ES2023", "DOM"],
          types: [],
          module: "NodeNext",
          skipLibCheck: false,
        },
        include: ["consumer.ts"],
      }),
    );
    const consumer = readFileSync(new URL("consumer.ts.txt", import.meta.url), "utf8");
    writeFileSync(new URL("consumer.ts", site), consumer);
    await tool(["typescript", "tsc"], ["-p", path(site)]);
    const wrong = consumer.replace(`content_type: "music"`, `content_type: "musik"`);
    assert.notEqual(wrong, consumer);
    writeFileSync(new URL("consumer.ts", site), wrong);
    const refused = await tool(["typescript", "tsc"], ["-p", path(site)]).catch((error) => error);
    assert.match(refused.stdout, /"musik"/);
  });
});
