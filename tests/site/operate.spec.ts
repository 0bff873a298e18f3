// Operating the Worker behind the site.

import type { Page } from "@playwright/test";
import { expect, test, turnTo } from "./site.ts";

/** The key that the Worker takes in development. */
const KEY = "admin-dev-key-change-in-production";

async function open(page: Page): Promise<void> {
  await page.goto("/operate/");
  await page.getByLabel("Admin key").fill(KEY);
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("heading", { name: "Health" })).toBeVisible();
  await expect(page.locator("#health .verdict")).not.toBeEmpty();
}

/** Some users who ask, get and like. */
async function people(page: Page, prefix: string): Promise<void> {
  for (let user = 0; user < 2; user += 1) {
    const name = `${prefix}-${user}`;
    for (let time = 0; time < 5; time += 1) {
      const path = `/api/v1/entertainment/music/recommendations/${name}?limit=1&mood=relaxed`;
      const answer: { recommendations: { id: string }[] } = await (
        await page.request.get(path)
      ).json();
      const data = {
        content_type: "music",
        content_id: answer.recommendations[0]?.id,
        interaction_type: "like",
        completion_percentage: 95,
      };
      const told = await page.request.post(`/api/v1/entertainment/interactions/${name}`, { data });
      expect(told.ok()).toBe(true);
    }
  }
}

test("a wrong key opens nothing", async ({ page }) => {
  // The browser itself reports the refusal; it is expected here.
  page.removeAllListeners("console");
  await page.goto("/operate/");
  await page.getByLabel("Admin key").fill("wrong");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByText("This key does not open it.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Health" })).toBeHidden();
});

test("train, see the run and its version, activate it, change the share", async ({ page }) => {
  await open(page);
  await people(page, "operate");
  await page.getByRole("button", { name: "Train now" }).click();
  await expect(page.locator("#train-state")).toContainText("Training completed", {
    timeout: 60_000,
  });
  await expect(page.locator("#runs tbody tr").first()).toContainText("completed");
  await expect(page.locator("#versions tbody tr").first()).toContainText("serves");
  await people(page, "operate-more");
  await page.getByRole("button", { name: "Train now" }).click();
  const older = page.getByRole("button", { name: /^Activate/ }).first();
  await expect(older).toBeVisible({ timeout: 60_000 });
  const version = /\d+/.exec((await older.textContent()) ?? "")?.[0];
  await older.click();
  await expect(page.locator("#version-state")).toContainText(`Version ${version} serves now`);
  await page.getByLabel("Share on the agent").fill("900");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("#experiment-state")).toContainText("90 % of users");
  await page.getByLabel("Share on the agent").fill("1000");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator("#experiment-state")).toContainText("100 % of users");
  await page.getByLabel("All users, before and from").fill("2026-01-01");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.locator("#before-after")).toContainText("From then on");
});

test("the key is forgotten on a reload, and nowhere stored", async ({ page }) => {
  await open(page);
  await turnTo(page, "Guide");
  await turnTo(page, "Operate");
  await expect(page.getByRole("heading", { name: "Health" })).toBeVisible();
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
  await page.reload();
  await expect(page.getByLabel("Admin key")).toBeVisible();
  await expect(page.getByLabel("Admin key")).toBeEmpty();
});
