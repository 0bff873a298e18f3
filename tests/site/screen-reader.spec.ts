// What a screen reader is told, from Chromium's own accessibility tree, and where the keyboard is.

import type { CDPSession, Page } from "@playwright/test";
import { pages } from "../../www/src/pages.ts";
import { answer, expect, listen, next, picks, test, titles, turnTo } from "./site.ts";

/** The key that the Worker takes in development. */
const KEY = "admin-dev-key-change-in-production";

/** What can be operated: each must say what it is. */
const operable = [
  "button",
  "checkbox",
  "combobox",
  "DisclosureTriangle",
  "link",
  "radio",
  "slider",
  "spinbutton",
  "textbox",
];

interface Told {
  role: string;
  name: string;
}

/** What the browser tells a screen reader of a page, in order. */
async function tree(session: CDPSession): Promise<Told[]> {
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name }) => ({ role: String(role?.value), name: String(name?.value ?? "") }));
}

/** What the page's live region says, which must be one to the browser. */
async function said(page: Page): Promise<string | null> {
  const session = await page.context().newCDPSession(page);
  const { root } = await session.send("DOM.getDocument");
  const found = { nodeId: root.nodeId, selector: "#live" };
  const { nodeId } = await session.send("DOM.querySelector", found);
  const { nodes } = await session.send("Accessibility.getPartialAXTree", {
    nodeId,
    fetchRelatives: false,
  });
  await session.detach();
  const [live] = nodes;
  expect(live?.role?.value).toBe("status");
  const polite = live?.properties?.find(({ name }) => name === "live");
  expect(polite?.value.value).toBe("polite");
  return page.locator("#live").textContent();
}

/** What has the keyboard. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element === document.body ? "nothing" : (element?.textContent ?? "").trim();
  });
}

for (const { path, title } of pages) {
  test(`${title} has one main part, headings in order, and a name for all that can be operated`, async ({
    page,
  }) => {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    const session = await page.context().newCDPSession(page);
    const all = await tree(session);
    const count = (role: string): number => all.filter((node) => node.role === role).length;
    expect(count("main")).toBe(1);
    expect(all).toContainEqual({ role: "navigation", name: "Pages" });
    expect(all.filter(({ role, name }) => operable.includes(role) && name === "")).toEqual([]);
    const levels = await page
      .locator("h1, h2, h3, h4, h5, h6")
      .evaluateAll((headings) =>
        headings.filter((h) => h.checkVisibility()).map((h) => Number(h.tagName.slice(1))),
      );
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, at) => {
      expect(level - (levels[at - 1] ?? 0), `heading ${at + 1}`).toBeLessThanOrEqual(1);
    });
  });
}

test("what changes is said: an answer, and other picks by button and by mood", async ({ page }) => {
  await listen(page);
  await answer(page, 0, "Like");
  await expect.poll(() => said(page)).toContain("Like: “");
  await next(page);
  const fresh = await titles(page);
  await expect.poll(() => said(page)).toContain(`New picks: ${fresh.join(" and ")}.`);
  await answer(page, 1, "Finish");
  await page.getByRole("radio", { name: "happy" }).check();
  await expect.poll(() => said(page)).toMatch(/it now counts \+1.*New picks: /);
});

test("an answer is told as pressed, and what it belongs to", async ({ page }) => {
  await listen(page);
  const [title = ""] = await titles(page);
  const group = page.getByRole("group", { name: `Your answer to ${title}` });
  await group.getByRole("button", { name: "Skip" }).press("Enter");
  await expect(group.getByRole("button", { name: "Skip", pressed: true })).toBeFocused();
  await expect(picks(page).first().getByRole("article", { name: title })).toBeVisible();
});

test("the keyboard keeps its place when what it pressed goes away", async ({ page }) => {
  await listen(page);
  for (let set = 0; set < 3; set += 1) {
    await answer(page, 0, "Like");
    await page.getByRole("button", { name: "Next two" }).press("Enter");
    await expect(page.locator("#noted")).toBeEmpty();
  }
  await expect.poll(() => focused(page)).toBe("Next two");
  await turnTo(page, "What it knows");
  await expect(page.locator(".events li")).toHaveCount(3);
  for (const left of [2, 1, 0]) {
    await page
      .getByRole("button", { name: /^Forget your/ })
      .last()
      .press("Enter");
    await expect(page.locator(".events li")).toHaveCount(left);
    await expect
      .poll(() => focused(page))
      .toContain(left > 0 ? "Forget" : "You have not answered any pick yet.");
    await expect.poll(() => said(page)).toContain("Forgotten: 1 answer");
  }
  await page.getByRole("button", { name: "Forget everything" }).press("Enter");
  await page.keyboard.press("Escape");
  await expect.poll(() => focused(page)).toBe("Forget everything");
});

test("a run in the lab is begun, stopped and begun again without a pointer", async ({ page }) => {
  await page.goto("/lab/?users=200&rounds=50000&repeats=10");
  await page.getByRole("button", { name: "Simulate" }).press("Enter");
  await expect.poll(() => focused(page)).toBe("Stop");
  await page.keyboard.press("Enter");
  await expect(page.locator("#lab-state")).toContainText("Stopped.");
  await expect.poll(() => focused(page)).toBe("Simulate");
});

test("opening the service leads to what it shows", async ({ page }) => {
  await page.goto("/operate/");
  await page.getByLabel("Admin key").fill(KEY);
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Health");
  await page.getByRole("button", { name: "Look again" }).press("Enter");
  await expect.poll(() => said(page)).toMatch(/All is well|Something is wrong/);
});
