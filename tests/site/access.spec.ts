// axe finds nothing on any page, in any form, empty or full.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { pages } from "../../www/src/pages.ts";
import { answer, expect, forms, listen, test, turnTo } from "./site.ts";

/** Both themes, the one that is on last. */
const themes = ["dark", "light"] as const;

/** The rules that a theme can break: by default axe has no others about colour. */
const colours = ["color-contrast", "link-in-text-block"];

/** Checks the page as it is in both themes: all rules in one, those about colour in the other. */
async function check(page: Page, rules: "all" | "colour" = "all"): Promise<void> {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme });
    // Colours in motion are not the colours that stay. A motion that is taken back ends too.
    await page.evaluate(async () => {
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    });
    const axe = new AxeBuilder({ page });
    const all = rules === "all" && colorScheme === "light";
    const { violations, passes } = await (all ? axe : axe.withRules(colours)).analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
    );
    expect(found, colorScheme).toEqual([]);
    expect(passes.map(({ id }) => id)).toContain("color-contrast");
  }
}

for (const { form, use } of forms.filter(({ use }) => use.colorScheme === "light")) {
  test.describe(form.replace(/,.*/, ""), () => {
    test.use(use);

    for (const { path, title } of pages) {
      test(`${title} is accessible`, async ({ page }) => {
        // The references are long, and axe looks at every word.
        test.slow();
        await page.goto(path);
        await page.waitForLoadState("networkidle");
        await check(page);
      });
    }

    test("pages that were used are accessible", async ({ page }) => {
      await listen(page);
      await answer(page, 0, "Like");
      await answer(page, 1, "Finish");
      await page.locator("summary", { hasText: "About you" }).click();
      await page.getByText("Ten questions instead").click();
      await page.getByText("Your own catalog").click();
      await check(page);
      await turnTo(page, "What it knows");
      await expect(page.locator("#reward-chart canvas")).toBeVisible();
      await check(page);
      await page.getByRole("button", { name: "Forget everything" }).click();
      await check(page);
    });
  });
}

test("every mood's colours can be read", async ({ page }) => {
  test.slow();
  await listen(page);
  for (const mood of await page.locator(".mood input").all()) {
    await mood.check();
    await answer(page, 0, "Like");
    await check(page, "colour");
  }
});
