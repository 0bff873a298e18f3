// The examples of the package, as a visitor meets them.

import { expect, test } from "./package-page.ts";

test("one plain HTML file: it recommends, learns and remembers", async ({ page, address }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${address}pkg/examples/page.html`);
  await expect(page.getByRole("listitem")).toHaveCount(3);
  await expect(page.getByRole("status")).toHaveText(/^0 strategies .* kept in indexeddb\.$/);
  await page.getByRole("button", { name: "Like" }).first().click();
  await expect(page.getByRole("status")).toHaveText(/^1 strategies/);
  await page.reload();
  await expect(page.getByRole("status")).toHaveText(/^1 strategies/);
  expect(errors).toEqual([]);
});
