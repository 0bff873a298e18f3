// The site as a person meets it: any error in a page, any breach of its security policy and any
// request to another origin fails the test.

import { test as base, type Locator, type Page } from "@playwright/test";

/** The forms in which every page must work. */
export const forms = [
  { form: "desktop, light", use: { viewport: { width: 1280, height: 860 }, colorScheme: "light" } },
  { form: "desktop, dark", use: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" } },
  {
    form: "phone, light",
    use: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true },
  },
  {
    form: "phone, dark",
    use: { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true },
  },
] as const;

/** Playwright's test, whose page must not complain. */
export const test = base.extend({
  page: async ({ page, baseURL }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        complaints.push(message.text());
      }
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      const own = url.origin === new URL(baseURL ?? "").origin || url.protocol === "blob:";
      if (!own) {
        complaints.push(`asked ${url.origin}`);
      }
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
      });
    });
    await use(page);
    base.expect(complaints, "complaints of the page").toEqual([]);
  },
});

export const { expect } = test;

/** Opens the first page and waits for its picks. */
export async function listen(page: Page, path = "/"): Promise<void> {
  await page.goto(path);
  await expect(picks(page)).toHaveCount(2);
}

/** The cards that can be answered. */
export function picks(page: Page): Locator {
  return page.locator(".card:not(.blank, .message)");
}

/** Presses a face. */
export async function feel(page: Page, mood: string): Promise<void> {
  const before = await titles(page);
  await page.getByRole("radio", { name: mood }).check();
  await changed(page, before);
}

/** Answers one of the two picks, and waits until that is noted. */
export async function answer(page: Page, pick: number, word: string): Promise<void> {
  const button = picks(page).nth(pick).getByRole("button", { name: word, exact: true });
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator("#noted")).toContainText(word);
}

/** Asks for the next two picks and waits for them. */
export async function next(page: Page): Promise<void> {
  const before = await titles(page);
  await page.getByRole("button", { name: "Next two" }).click();
  await changed(page, before);
}

/** The titles of the picks. */
export function titles(page: Page): Promise<string[]> {
  return page.locator("#cards h3").allTextContents();
}

async function changed(page: Page, before: string[]): Promise<void> {
  await expect.poll(() => titles(page), "the picks changed").not.toEqual(before);
  await expect(picks(page)).toHaveCount(2);
}

/** Follows a link of the navigation. */
export async function turnTo(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
  await expect(
    page.getByRole("navigation").getByRole("link", { name, exact: true }),
  ).toHaveAttribute("aria-current", "page");
}
