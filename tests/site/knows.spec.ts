// What it knows: seen, taken along, and forgotten.

import type { Page } from "@playwright/test";
import { answer, expect, feel, forms, listen, next, test, turnTo } from "./site.ts";

/** Answers some picks and goes to see what was learned. */
async function learned(page: Page, sets = 2): Promise<void> {
  await listen(page);
  await feel(page, "calm");
  for (let set = 0; set < sets; set += 1) {
    await answer(page, 0, "Like");
    await answer(page, 1, "Skip");
    await next(page);
  }
  await turnTo(page, "What it knows");
  await expect(page.locator("#summary")).toContainText(`${sets * 2} answered picks`);
}

for (const { form, use } of forms) {
  test.describe(form, () => {
    test.use(use);

    test("before any answer, it says that there is none", async ({ page }) => {
      await page.goto("/knows/");
      await expect(page.locator("#summary")).toContainText("Nothing yet");
      await expect(page.locator("#cube .cell")).toHaveCount(27);
      await expect(page.getByText("You have not answered any pick yet.")).toBeVisible();
      await expect(page.getByText("No situation was rated yet.")).toBeVisible();
    });

    test("answers become values, a curve, rows and a list", async ({ page }) => {
      await learned(page);
      const numbers = await page.locator("#cube .cell-number").allTextContents();
      expect(new Set(numbers).size).toBeGreaterThan(1);
      await expect(page.locator("#reward-chart canvas")).toBeVisible();
      await expect(page.locator("#table tbody tr").first()).toContainText("music, calm");
      await expect(page.locator(".events li")).toHaveCount(2);
      await expect(page.locator("#sentences li").first()).not.toBeEmpty();
      const [content, screen] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(content).toBeLessThanOrEqual(screen ?? 0);
    });
  });
}

test("another situation shows other values", async ({ page }) => {
  await learned(page, 4);
  const before = await page.locator("#cube .cell-number").allTextContents();
  await page.getByRole("combobox", { name: "Content" }).selectOption("game");
  expect(await page.locator("#cube .cell-number").allTextContents()).not.toEqual(before);
});

test("one decision is forgotten, the others stay", async ({ page }) => {
  await learned(page);
  await page
    .getByRole("button", { name: /^Forget your/ })
    .first()
    .click();
  await expect(page.locator(".events li")).toHaveCount(1);
  await expect(page.locator("#summary")).toContainText("2 answered picks");
});

for (const [button, name] of [
  ["Export as JSON", "moodloop.json"],
  ["Export as one file", "model.moodloop"],
] as const) {
  test(`${button}, forget everything, import it again`, async ({ page }) => {
    await learned(page);
    const said = await page.locator(".events li").allTextContents();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(name);
    await page.getByRole("button", { name: "Forget everything" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
    await expect(page.locator("#summary")).toContainText("4 answered picks");
    await page.getByRole("button", { name: "Forget everything" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Forget everything" }).click();
    await expect(page.locator("#summary")).toContainText("Nothing yet");
    const path = await download.path();
    const { readFile } = await import("node:fs/promises");
    const file = { name, mimeType: "application/octet-stream", buffer: await readFile(path) };
    await page.locator("#import").setInputFiles(file);
    await expect(page.locator("#import-state")).toContainText("4 new decisions");
    await expect(page.locator("#summary")).toContainText("4 answered picks");
    expect(await page.locator(".events li").allTextContents()).toEqual(said);
  });
}

test("what is no export is refused, and nothing changes", async ({ page }) => {
  await learned(page);
  for (const [name, text] of [
    ["a.json", "{]"],
    ["b.json", '{"format":"else"}'],
    ["c.moodloop", "garbage"],
  ] as const) {
    await page
      .locator("#import")
      .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
    await expect(page.locator("#import-state")).toContainText("Not imported, and nothing changed");
  }
  await expect(page.locator("#summary")).toContainText("4 answered picks");
});

test("with consent it survives a reload, and without it leaves nothing", async ({ page }) => {
  await learned(page);
  const keep = page.getByRole("checkbox", { name: "Keep it on this device" });
  await keep.check();
  await expect(page.locator("#memory-state")).toContainText("kept on this device");
  await page.reload();
  await expect(page.locator("#summary")).toContainText("4 answered picks");
  await keep.uncheck();
  await expect(page.locator("#memory-state")).toContainText("held in memory only");
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  await page.reload();
  await expect(page.locator("#summary")).toContainText("Nothing yet");
});

test("with profiling off nothing is learned", async ({ page }) => {
  await learned(page);
  await page.getByRole("checkbox", { name: "Learn from me" }).uncheck();
  await turnTo(page, "Listen");
  await expect(page.locator("#strategy-why")).toContainText("Profiling is off");
  await answer(page, 0, "Like");
  await expect(page.locator("#noted")).toContainText("nothing was learned");
  await turnTo(page, "What it knows");
  await expect(page.locator("#summary")).toContainText("4 answered picks");
});

test("going back and forth keeps what is held in memory", async ({ page }) => {
  await learned(page);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("how you feel");
  await expect(page.locator("#memory-state")).toContainText("4 answers");
  await page.goForward();
  await expect(page.locator("#summary")).toContainText("4 answered picks");
});
