// After one visit the site needs no network; and how much that visit loads.

import { brotliCompressSync } from "node:zlib";
import { answer, expect, forms, listen, next, test, turnTo } from "./site.ts";

for (const { form, use } of forms.filter(({ form }) => form.endsWith("light"))) {
  test.describe(form, () => {
    test.use(use);

    test("the whole loop with the network off", async ({ page, context }) => {
      await listen(page);
      await page.evaluate(() => navigator.serviceWorker.ready);
      await context.setOffline(true);
      await page.reload();
      await expect(page.getByText("You are offline")).toBeVisible();
      await answer(page, 0, "Like");
      await next(page);
      await page.getByRole("radio", { name: "Reading" }).check();
      await expect(page.locator("#strategy-place")).toContainText("of reading");
      await answer(page, 1, "Finish");
      await turnTo(page, "What it knows");
      await expect(page.locator("#reward-chart canvas")).toBeVisible();
      await page.reload();
      await expect(page.getByRole("heading", { level: 1 })).toContainText("What it knows");
      await context.setOffline(false);
    });
  });
}

test("the first load is at most 200 KB compressed", async ({ page }) => {
  const sizes = new Map<string, Promise<{ path: string; size: number }>>();
  page.on("response", (response) => {
    // The service worker fetches the rest of the site afterwards, when the page is there.
    if (response.request().serviceWorker() === null) {
      const path = new URL(response.url()).pathname;
      sizes.set(
        path,
        response.body().then((body) => ({ path, size: brotliCompressSync(body).length })),
      );
    }
  });
  await listen(page);
  const loaded = await Promise.all(sizes.values());
  // What is asked for twice comes out of the browser's cache the second time.
  const transferred = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ transferSize }) => transferSize > 0)
      .map(({ name }) => name),
  );
  expect(transferred.toSorted()).toEqual([...new Set(transferred)].toSorted());
  const total = loaded.reduce((sum, { size }) => sum + size, 0);
  console.log(`first load: ${(total / 1000).toFixed(1)} KB in ${loaded.length} files`);
  expect(loaded.length).toBeGreaterThan(3);
  expect(total, JSON.stringify(loaded)).toBeLessThanOrEqual(200_000);
});
