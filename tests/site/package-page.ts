// A page that has the built package and nothing else, and a Chromium that may be killed.

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { type BrowserContext, test as base, chromium, type Page } from "@playwright/test";
import type * as moodloop from "moodloop";

declare global {
  interface Window {
    /** The package, as the test page imported it. */
    moodloop: typeof moodloop;
    /** The loops and picks of the running test. */
    loop: moodloop.Moodloop;
    sync: moodloop.Sync;
    other: moodloop.Moodloop;
    said: string[];
  }
}

const root = new URL("../../", import.meta.url);
const types: Record<string, string> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>moodloop</title>
<link rel="icon" href="data:,">
<script type="module">
  import * as moodloop from "/pkg/dist/index.browser.js";
  window.moodloop = moodloop;
  window.said = [];
</script>
</html>`;

/** The Worker's answer to a request for its API. */
async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const body = Buffer.concat(await request.toArray());
  const names = ["content-type", "if-none-match", "authorization"] as const;
  const answer = await fetch(new URL(url, process.env.MOODLOOP_URL), {
    method,
    headers: names.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as [string, string]];
    }),
    ...(body.length > 0 ? { body } : {}),
  });
  response.statusCode = answer.status;
  for (const name of ["content-type", "etag", "retry-after"]) {
    const value = answer.headers.get(name);
    if (value !== null) {
      response.setHeader(name, value);
    }
  }
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** Serves the test page at `/`, the built package, the vectors, and the Worker's API. */
function serve(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const allowed =
      /^\/(pkg\/(dist|wasm)|target\/examples|tests\/(vectors|package|fixtures)|www\/public\/catalog)\/[\w./-]+$/;
    if (pathname.startsWith("/api/")) {
      await forward(request, response);
    } else if (pathname === "/") {
      response.setHeader("content-type", "text/html");
      const threads = request.url === "/?threads" ? "; worker-src blob:" : "";
      response.setHeader(
        "content-security-policy",
        `default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; img-src data:${threads}`,
      );
      response.end(page);
    } else if (allowed.test(pathname) && !pathname.includes("..")) {
      const body = await readFile(new URL(`.${pathname}`, root)).catch(() => undefined);
      response.statusCode = body === undefined ? 404 : 200;
      response.setHeader("content-type", types[extname(pathname)] ?? "text/html");
      response.end(body);
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

interface Fixtures {
  /** The address of the test page. */
  address: string;
  /** Opens the test page in another tab of the same browser, and waits for the package. */
  tab: () => Promise<Page>;
  /** A browser whose profile is on disk; calling it again starts it anew on the same profile. */
  restart: () => Promise<BrowserContext>;
}

/** Playwright's test, with the test page; an error in the page fails the test. */
export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
    async ({}, use) => {
      const server = await serve();
      await use(server);
      server.closeAllConnections();
      server.close();
    },
    { scope: "worker" },
  ],
  address: async ({ server }, use) => {
    const { port } = server.address() as AddressInfo;
    await use(`http://localhost:${port}/`);
  },
  tab: async ({ context, address }, use) => {
    const errors: string[] = [];
    await use(async () => {
      const tab = await context.newPage();
      tab.on("pageerror", (error) => errors.push(String(error)));
      tab.on("console", (message) => {
        // What the network refuses is no fault of the page: tests make it fail.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          errors.push(message.text());
        }
      });
      await open(tab, address);
      return tab;
    });
    test.expect(errors, "errors in the page").toEqual([]);
  },
  restart: async ({ launchOptions }, use, info) => {
    let running: BrowserContext | undefined;
    await use(async () => {
      await running?.close();
      running = await chromium.launchPersistentContext(info.outputPath("profile"), launchOptions);
      return running;
    });
    await running?.close();
  },
});

export const { expect } = test;

/** What tells a tab's model from any other: a digest of its bytes. */
export function fingerprint(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const bytes = new Uint8Array(window.loop.export());
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
  });
}

/** Loads the test page and waits until the package is there. */
export async function open(tab: Page, address: string): Promise<void> {
  await tab.goto(address);
  await tab.waitForFunction(() => window.moodloop !== undefined);
}
