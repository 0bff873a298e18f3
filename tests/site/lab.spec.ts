// The lab: simulate an audience in the page, watch, stop, take the data along.

import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, forms, test } from "./site.ts";

const small = "?audience=rules&users=4&rounds=300&repeats=2&seed=3";

/** The scores of the table, by learner. */
async function scores(page: Page): Promise<Map<string, number>> {
  const rows = await page.locator("#lab-table tbody tr").allTextContents();
  return new Map(
    rows.map((row) => [
      /^[^\d−]+/.exec(row)?.[0] ?? "",
      Number(/−?\d+\.\d+/.exec(row)?.[0].replace("−", "-")),
    ]),
  );
}

for (const { form, use } of forms) {
  test.describe(form, () => {
    test.use(use);

    test("a run is watched to its end, and the agent beats blind choice", async ({ page }) => {
      await page.goto(`/lab/${small}`);
      await expect(page.getByLabel("Audience")).toHaveValue("rules");
      await expect(page.getByText("Nothing was simulated yet.")).toBeVisible();
      await page.getByRole("button", { name: "Simulate" }).click();
      await expect(page.locator("#lab-state")).toContainText("Done in", { timeout: 60_000 });
      await expect(page.locator("#lab-chart canvas")).toBeVisible();
      const found = await scores(page);
      expect(found.size).toBe(4);
      expect(found.get("moodloop")).toBeGreaterThan((found.get("blind choice") ?? 1) + 0.05);
      const [content, screen] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(content).toBeLessThanOrEqual(screen ?? 0);
    });
  });
}

test("settings are in the address, and the same settings give the same result", async ({
  page,
}) => {
  await page.goto("/lab/");
  await page.getByLabel("Audience").selectOption("additive");
  for (const [label, value] of [
    ["People", "3"],
    ["Visits in all", "200"],
    ["Repeats", "1"],
    ["The agent’s curiosity", "0.5"],
    ["The table’s learning rate", "0.3"],
  ] as const) {
    await page.getByLabel(label).fill(value);
  }
  const run = async (): Promise<Map<string, number>> => {
    await page.getByRole("button", { name: "Simulate" }).click();
    await expect(page.locator("#lab-state")).toContainText("Done in", { timeout: 60_000 });
    return scores(page);
  };
  const first = await run();
  await expect(page).toHaveURL(/audience=additive&users=3&rounds=200/);
  await page.reload();
  await expect(page.getByLabel("The table’s learning rate")).toHaveValue("0.3");
  expect(await run()).toEqual(first);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the data" }).click();
  const data: { settings: { users: number }; reports: { learners: unknown[] }[] } = JSON.parse(
    await readFile(await (await downloading).path(), "utf8"),
  );
  expect(data.settings.users).toBe(3);
  expect(data.reports[0]?.learners).toHaveLength(4);
});

test("a long run can be stopped, and another one started", async ({ page }) => {
  await page.goto("/lab/?users=200&rounds=50000&repeats=10");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.locator("#lab-state")).toContainText("Simulating");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator("#lab-state")).toContainText("Stopped.");
  await expect(page.getByRole("button", { name: "Simulate" })).toBeEnabled();
});

test("an address with nonsense falls back to what is usual", async ({ page }) => {
  await page.goto("/lab/?audience=martians&users=many&seed=");
  await expect(page.getByLabel("Audience")).toHaveValue("personal");
  await expect(page.getByLabel("People")).toHaveValue("60");
});
