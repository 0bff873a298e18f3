// The guide: its pages, its picture, its numbers, its references.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { pages } from "../../www/src/pages.ts";
import { expect, forms, test } from "./site.ts";

const guide = pages.filter(({ view }) => view.startsWith("guide/"));

for (const { form, use } of forms) {
  test.describe(form, () => {
    test.use(use);

    test("the guide's pages follow each other, and its picture is the rule", async ({ page }) => {
      await page.goto("/guide/");
      for (const { title } of [...guide.slice(1), ...guide.slice(0, 1)]) {
        const link = page
          .getByRole("navigation", { name: "Guide" })
          .getByRole("link", { name: title, exact: true });
        await link.click();
        await expect(link).toHaveAttribute("aria-current", "page");
        const [content, screen] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        expect(content, title).toBeLessThanOrEqual(screen ?? 0);
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
    });
  });
}

test("the numbers of the evidence page come out again in the page, and change with the seed", async ({
  page,
}) => {
  test.slow();
  await page.goto("/guide/trust/");
  const numbers = page.locator("#trust-blind");
  const refusal = page.locator("#trust-settled");
  const [built, refused] = [await numbers.innerHTML(), await refusal.innerHTML()];
  await expect(numbers.locator("tbody tr")).toHaveCount(6);
  await expect(refusal).toContainText("It refuses");
  await numbers.evaluate((element) => element.replaceChildren());
  const again = async (seed: string): Promise<void> => {
    await page.getByLabel("Seed").fill(seed);
    await page.getByRole("button", { name: "Simulate again" }).click();
    await expect(page.locator("#trust-state")).toContainText(`those of seed ${seed}`, {
      timeout: 60_000,
    });
  };
  await again("1");
  expect(await numbers.innerHTML()).toBe(built);
  expect(await refusal.innerHTML()).toBe(refused);
  await again("2");
  expect(await numbers.innerHTML()).not.toBe(built);
});

test("the package's reference has every export, and its links lead somewhere", async ({ page }) => {
  await page.goto("/guide/package/");
  const exported = new Set<string>();
  const { exports } = JSON.parse(
    await readFile(fileURLToPath(import.meta.resolve("moodloop/package.json")), "utf8"),
  ) as { exports: Record<string, { types?: string }> };
  for (const [path, { types }] of Object.entries(exports)) {
    if (types !== undefined) {
      const names = Object.keys(await import(path.replace(".", "moodloop")));
      for (const name of names) {
        exported.add(name);
      }
    }
  }
  const described = await page.locator(".declared h3").allTextContents();
  expect(described.toSorted()).toEqual([...new Set(described)].toSorted());
  for (const name of exported) {
    expect(described, name).toContain(name);
  }
  expect(await lost(page)).toEqual([]);
  await page.locator(".contents").getByRole("link", { name: "Moodloop", exact: true }).click();
  await expect(page.locator("#Moodloop")).toBeInViewport();
});

test("the API's reference has every operation and schema of the Worker", async ({ page }) => {
  await page.goto("/guide/http/");
  const document = await (await page.request.get("/openapi.json")).json();
  const operations = Object.values(document.paths as Record<string, object>).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId as string),
  );
  const ids = await page.locator(".declared h3").evaluateAll((all) => all.map(({ id }) => id));
  const expected = [...operations, ...Object.keys(document.components.schemas)];
  expect(ids.toSorted()).toEqual(expected.toSorted());
  expect(await lost(page)).toEqual([]);
});

/** Links within a page that lead nowhere. */
function lost(page: Page): Promise<string[]> {
  return page
    .locator("main a[href^='#']")
    .evaluateAll((links) =>
      links
        .map((link) => link.getAttribute("href") ?? "")
        .filter((href) => document.getElementById(href.slice(1)) === null),
    );
}
