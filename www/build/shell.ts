import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { type Page, pages } from "../src/pages.ts";

/** What a page may load and do; the same policy is sent as a header by `public/_headers`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The files that the pages are made from. */
export function pageFiles(root: string): string[] {
  return pages.map(({ path }) => join(root, path, "index.html"));
}

/** Puts every page's own markup into the common frame, so that it shows before any script runs. */
export function shell(root: string): Plugin {
  let building = false;
  return {
    name: "moodloop-shell",
    enforce: "pre",
    configResolved({ command }) {
      building = command === "build";
    },
    // The same markup, for those who come by a link within the site.
    load(id) {
      const [file = "", query] = id.split("?");
      const page = pages.find(({ view }) => file === join(root, "src", view, "view.html"));
      return page && query === "raw"
        ? `export default ${JSON.stringify(markup(root, page))};`
        : undefined;
    },
    transformIndexHtml: {
      order: "pre",
      handler(_, { path }) {
        const page = pages.find((one) => join(one.path, "index.html") === path);
        if (page === undefined) {
          throw new Error(`\`${path}\` is not in src/pages.ts`);
        }
        return frame(root, page, building);
      },
    },
  };
}

function frame(root: string, page: Page, building: boolean): string {
  const parts: Record<string, string> = {
    title: page.path === "/" ? "moodloop" : `${page.title} · moodloop`,
    description: page.description,
    policy: building ? `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />` : "",
    navigation: pages
      .filter(({ link }) => link !== undefined)
      .map(({ path, link }) => {
        const current = path === "/" ? page.path === path : page.path.startsWith(path);
        return `<li><a href="${path}"${current ? ' aria-current="page"' : ""}>${link}</a></li>`;
      })
      .join("\n            "),
    view: markup(root, page),
  };
  return readFileSync(join(root, "shell.html"), "utf8").replaceAll(
    /<!-- (\w+) -->/g,
    (comment, name: string) => parts[name] ?? comment,
  );
}

/** A page's own markup; those of the guide list each other. */
function markup(root: string, page: Page): string {
  const links = pages
    .filter(({ view }) => view.startsWith("guide/"))
    .map(({ path, title }) => {
      const current = path === page.path ? ' aria-current="page"' : "";
      return `<li><a href="${path}"${current}>${title}</a></li>`;
    });
  const list = `<nav class="guide-pages" aria-label="Guide"><ul>${links.join("")}</ul></nav>`;
  const file = join(root, "src", page.view, "view.html");
  return readFileSync(file, "utf8").trim().replace("<!-- guide -->", list);
}
