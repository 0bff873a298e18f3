import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HtmlTagDescriptor, Plugin } from "vite";
import { type Page, pages } from "../src/pages.ts";
import { generated } from "./generated.ts";

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
    transformIndexHtml: {
      order: "pre",
      handler: (_, { path }) => frame(root, pageAt(path), building),
    },
  };
}

/** Lets a page load its script, and what that is going to need, before any script runs. */
export function preload(root: string): Plugin {
  return {
    name: "moodloop-preload",
    transformIndexHtml: {
      order: "post",
      handler(_, { path, bundle = {} }) {
        const page = pageAt(path);
        const files = Object.values(bundle);
        const script = join(root, "src", page.view, "view.ts");
        const view = files.find((file) => file.type === "chunk" && file.facadeModuleId === script);
        const scripts = view?.type === "chunk" ? [view.fileName, ...view.imports] : [];
        const needed = (page.needs ?? []).map((name) => {
          const made = new RegExp(`/${name.replace(".", "-[^/]+\\.")}$`);
          return files.find(({ fileName }) => made.test(fileName))?.fileName ?? name;
        });
        return [
          ...scripts.map((href) => link("modulepreload", href)),
          ...needed.map((href) => link("preload", href, "fetch")),
        ];
      },
    },
  };
}

function link(rel: string, file: string, as?: string): HtmlTagDescriptor {
  const attrs = { rel, crossorigin: true, href: `/${file}`, ...(as !== undefined && { as }) };
  return { tag: "link", attrs, injectTo: "head" };
}

function pageAt(path: string): Page {
  const page = pages.find((one) => join(one.path, "index.html") === path);
  if (page === undefined) {
    throw new Error(`\`${path}\` is not in src/pages.ts`);
  }
  return page;
}

async function frame(root: string, page: Page, building: boolean): Promise<string> {
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
    view: await markup(root, page),
  };
  return filled(readFileSync(join(root, "shell.html"), "utf8"), parts);
}

/** A page's own markup; those of the guide list each other, and some have parts that are made. */
async function markup(root: string, page: Page): Promise<string> {
  const text = readFileSync(join(root, "src", page.view, "view.html"), "utf8").trim();
  const parts: Record<string, string> = { guide: guidePages(page) };
  for (const [name, make] of Object.entries(generated)) {
    if (text.includes(`<!-- ${name} -->`)) {
      parts[name] = await make();
    }
  }
  return filled(text, parts);
}

function guidePages(page: Page): string {
  const links = pages
    .filter(({ view }) => view.startsWith("guide/"))
    .map(({ path, title }) => {
      const current = path === page.path ? ' aria-current="page"' : "";
      return `<li><a href="${path}"${current}>${title}</a></li>`;
    });
  return `<nav class="guide-pages" aria-label="Guide"><ul>${links.join("")}</ul></nav>`;
}

/** A text whose comments are replaced by the parts that they name. */
function filled(text: string, parts: Readonly<Record<string, string>>): string {
  return text.replaceAll(/<!-- (\w+) -->/g, (comment, name: string) => parts[name] ?? comment);
}
