// Operating the Worker behind the site, and the guide.

import type { Page } from "@playwright/test";
import { expect, forms, test, turnTo } from "./site.ts";

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
    timeout: 20_000,
  });
  await expect(page.locator("#runs tbody tr").first()).toContainText("completed");
  await expect(page.locator("#versions tbody tr").first()).toContainText("serves");
  await people(page, "operate-more");
  await page.getByRole("button", { name: "Train now" }).click();
  const older = page.getByRole("button", { name: /^Activate/ }).first();
  await expect(older).toBeVisible({ timeout: 20_000 });
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

for (const { form, use } of forms) {
  test.describe(form, () => {
    test.use(use);

    test("the guide's pages follow each other, and its picture is the rule", async ({ page }) => {
      await page.goto("/guide/");
      for (const name of ["Parameters", "The learner", "Privacy", "Your own site", "The loop"]) {
        await page.getByRole("navigation", { name: "Guide" }).getByRole("link", { name }).click();
        const link = page.getByRole("navigation", { name: "Guide" }).getByRole("link", { name });
        await expect(link).toHaveAttribute("aria-current", "page");
      }
      await page.goto("/guide/parameters/");
      const picture = page.locator("#picture");
      await expect(picture).toContainText("0.3 to 0.7");
      // The guide's first example.
      await page.getByLabel("Mood").selectOption("relaxed");
      await page.getByRole("slider", { name: "Openness" }).fill("75");
      await page.getByRole("slider", { name: "Extraversion" }).fill("40");
      for (const words of ["0.2 to 0.5", "0.6", "10 to 60", "3 of 10 places"]) {
        await expect(picture).toContainText(words);
      }
      await expect(page.locator("#inverse")).toContainText("exactly");
      // And its second.
      await page.getByRole("radio", { name: "calm" }).check();
      await page.getByRole("radio", { name: "many genres" }).check();
      await page.getByRole("radio", { name: "little known" }).check();
      await page.getByRole("slider", { name: "Openness" }).fill("85");
      await page.getByRole("slider", { name: "Extraversion" }).fill("35");
      for (const words of ["0.1 to 0.4", "0.6", "0 to 40", "5 of 10 places"]) {
        await expect(picture).toContainText(words);
      }
      const [content, screen] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(content).toBeLessThanOrEqual(screen ?? 0);
    });
  });
}
