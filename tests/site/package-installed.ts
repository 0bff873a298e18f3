// The examples as their users have them: copied out, with the packed package installed.

import { execFile } from "node:child_process";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = new URL("../../", import.meta.url);

/**
 * Installs what npm would publish into a new directory beside a copy of the examples.
 *
 * @returns The directory's address; `pkg/` in it is the package, `examples/` the examples.
 */
export async function install(directory: string): Promise<URL> {
  const site = new URL(`target/${directory}/`, root);
  const packed = new URL("node_modules/moodloop/", site);
  await rm(site, { recursive: true, force: true });
  await mkdir(packed, { recursive: true });
  const target = fileURLToPath(site);
  const args = ["pack", fileURLToPath(new URL("pkg/", root)), "--pack-destination", target];
  await run("npm", [...args, "--ignore-scripts"], { cwd: fileURLToPath(root) });
  const tarball = (await readdir(site)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) {
    throw new Error("npm packed nothing");
  }
  const strip = ["--strip-components=1", "-C", fileURLToPath(packed)];
  await run("tar", ["-xzf", fileURLToPath(new URL(tarball, site)), ...strip]);
  // Where the examples' addresses `../dist/` lead to.
  await cp(new URL("pkg/examples/", root), new URL("examples/", packed), { recursive: true });
  await cp(new URL("pkg/examples/vite/", root), new URL("vite/", site), { recursive: true });
  return site;
}

/** Compiles and builds the Vite project with its own settings. */
export async function buildVite(site: URL): Promise<void> {
  const project = fileURLToPath(new URL("vite/", site));
  const bin = (name: string) => fileURLToPath(new URL(`node_modules/.bin/${name}`, root));
  await run(bin("tsc"), ["--project", project], { cwd: project });
  await run(bin("vite"), ["build", "--base=./", "--logLevel=error"], { cwd: project });
}
