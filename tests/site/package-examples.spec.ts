// The examples of the package, as a visitor meets them, over the tarball that npm would publish.

import { randomUUID } from "node:crypto";
import type { CDPSession, Page } from "@playwright/test";
import { buildVite, install } from "./package-installed.ts";
import { expect, test } from "./package-page.ts";

// One tarball for all of them.
test.describe.configure({ mode: "serial" });

let installed: URL;
test.beforeAll(async () => {
  test.setTimeout(300_000);
  installed = await install("examples");
  await buildVite(installed);
});

/** Fails the test where the page complains; what the network refuses is no fault of the page. */
function listen(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  return errors;
}

test("one plain HTML file: it recommends, learns and remembers", async ({ page, address }) => {
  const errors = listen(page);
  await page.goto(`${address}target/examples/node_modules/moodloop/examples/page.html`);
  await expect(page.getByRole("listitem")).toHaveCount(3);
  await expect(page.getByRole("status")).toHaveText(/^0 strategies .* kept in indexeddb\.$/);
  await page.getByRole("button", { name: "Like" }).first().click();
  await expect(page.getByRole("status")).toHaveText(/^1 strategies/);
  await page.reload();
  await expect(page.getByRole("status")).toHaveText(/^1 strategies/);
  expect(errors).toEqual([]);
});

test("a Vite and TypeScript project: it recommends, learns and remembers", async ({
  page,
  address,
}) => {
  const errors = listen(page);
  await page.goto(`${address}target/examples/vite/dist/index.html`);
  await expect(page.getByRole("listitem")).toHaveCount(3);
  await page.getByRole("button", { name: "Like" }).first().click();
  await expect(page.getByRole("status")).toHaveText(/^1 strategies rated; kept in indexeddb\.$/);
  await page.getByRole("combobox", { name: "Mood" }).selectOption("energetic");
  await page.reload();
  await expect(page.getByRole("status")).toHaveText(/^1 strategies/);
  expect(errors).toEqual([]);
});

test("a service worker: offline, and it sends what the page could not", async ({
  page,
  context,
  address,
}) => {
  const errors = listen(page);
  const user = randomUUID();
  const example = `${address}target/examples/node_modules/moodloop/examples/service-worker/`;
  // The page cannot reach the Worker; the service worker can.
  await page.route("**/api/**", (route) => route.abort());
  const session = await context.newCDPSession(page);
  const registered = registration(session, example);
  await page.goto(`${example}index.html?user=${user}`);
  const like = page.getByRole("button", { name: "Like" });
  await expect(like).toBeEnabled();
  await like.click();
  await expect(page.getByRole("status")).toContainText("1 strategies rated, kept in indexeddb");

  await context.setOffline(true);
  await page.reload();
  await expect(like).toBeEnabled();
  await like.click();
  await expect(page.getByRole("status")).toContainText("liked");
  await context.setOffline(false);

  await session.send("ServiceWorker.dispatchSyncEvent", {
    origin: new URL(address).origin,
    registrationId: await registered,
    tag: "moodloop:example-sw",
    lastChance: false,
  });
  const held = new URL(`/api/v1/users/${user}/data`, process.env.MOODLOOP_URL);
  await expect
    .poll(async () => {
      const { decisions, interactions } = await (await fetch(held)).json();
      return [decisions.length, interactions.length];
    })
    .toEqual([2, 2]);
  expect(errors).toEqual([]);
});

/** The id under which Chromium keeps the service worker of a page. */
async function registration(session: CDPSession, scope: string): Promise<string> {
  const found = new Promise<string>((resolve) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const known = registrations.find(({ scopeURL }) => scopeURL.startsWith(scope));
      if (known !== undefined) {
        resolve(known.registrationId);
      }
    });
  });
  await session.send("ServiceWorker.enable");
  return found;
}
