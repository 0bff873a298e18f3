import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";

/** Files of the site that no page asks for. */
const NOT_CACHED = new Set(["sw.js", "_headers"]);

/** Writes into `sw.js` which files make the site, and a version that changes with any of them. */
export function precache(): Plugin {
  let out = "";
  let failed = false;
  return {
    name: "moodloop-precache",
    apply: "build",
    configResolved({ root, build }) {
      out = join(root, build.outDir);
    },
    buildEnd(error) {
      failed = error !== undefined;
    },
    closeBundle() {
      if (failed) {
        return;
      }
      const files = readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(out, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((file) => !NOT_CACHED.has(file))
        .sort();
      const hash = createHash("sha256");
      for (const file of files) {
        hash.update(file).update(readFileSync(join(out, file)));
      }
      const addresses = files.map((file) => `/${file.replace(/(^|\/)index\.html$/, "$1")}`);
      const worker = join(out, "sw.js");
      const code = readFileSync(worker, "utf8");
      const filled = code
        .replace(/["'`]__FILES__["'`]/, JSON.stringify(addresses))
        .replace("__VERSION__", hash.digest("hex").slice(0, 16));
      if (filled === code || filled.includes("__FILES__")) {
        throw new Error("sw.js has no place for the list of files");
      }
      writeFileSync(worker, filled);
    },
  };
}
