// The first page in all its states.

import type { Page } from "@playwright/test";
import { answer, expect, feel, listen, next, titles } from "../site/site.ts";
import { expectComplaints, readme, still } from "./still.ts";

const LONG =
  "Concerning the Various and Sundry Adventures of a Person Who Could Not Decide What to Listen to, in Four Movements and an Epilogue";

async function liked(page: Page): Promise<void> {
  await listen(page);
  await feel(page, "relaxed");
  for (let set = 0; set < 8; set += 1) {
    for (const pick of [0, 1]) {
      const told = await page
        .locator(".card .scale")
        .nth(pick * 2)
        .getAttribute("title");
      const energy = Number(/Energy: (\d+)/.exec(told ?? "")?.[1]);
      await answer(page, pick, energy < 45 ? "Like" : "Skip");
    }
    await next(page);
  }
  await answer(page, 0, "Like");
}

/** Brings a catalog. */
async function bring(page: Page, items: unknown): Promise<void> {
  await page.getByText("Your own catalog").click();
  await page.locator("#own-file").setInputFiles({
    name: "own.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(items)),
  });
}

function item(id: string, title: string): Record<string, unknown> {
  return {
    id,
    title,
    creator: "Somebody With Quite a Long Name Themselves, and Friends",
    content_type: "music",
    genres: ["contemporary_classical", "experimental_electronic", "singer_songwriter"],
    energy: 0.3,
    valence: 0.5,
    popularity: 10,
    url: "https://a-very-long-host-name.of-a-music-archive.example.org/works/1",
  };
}

readme(liked);
still("listen-first-visit", (page) => listen(page));
still("listen-after-likes", liked);

still("listen-high-energy-film", async (page) => {
  await listen(page);
  await feel(page, "excited");
  await page.getByRole("radio", { name: "Films" }).check();
  await expect(page.locator("#strategy-place")).toContainText("of films");
  await answer(page, 1, "Finish");
});

still("listen-about-you", async (page) => {
  await listen(page);
  await page.locator("summary", { hasText: "About you" }).click();
  await page.getByRole("slider", { name: "Openness" }).fill("85");
  await page.getByText("Ten questions instead").click();
  await expect(page.locator(".card-why").first()).not.toBeEmpty();
});

still("listen-long-titles", async (page) => {
  await listen(page);
  await bring(page, [item("a", LONG), item("b", LONG.replaceAll(" ", "").slice(0, 90))]);
  await expect(page.locator(".own-state")).toContainText("2 items of your own");
  await expect.poll(async () => (await titles(page)).includes(LONG)).toBe(true);
});

still("listen-one-item", async (page) => {
  await listen(page);
  await bring(page, [item("a", "Only This")]);
  await expect.poll(() => titles(page)).toEqual(["Only This"]);
});

still("listen-catalog-refused", async (page) => {
  await listen(page);
  await bring(page, [{ ...item("a", "One"), energy: 1.5 }]);
  await expect(page.locator(".own-state")).toContainText("Not taken");
});

still("listen-loading", async (page) => {
  await page.route("**/catalog/music.json", () => new Promise(() => {}));
  await page.goto("/");
  await expect(page.locator("#next")).toBeAttached();
  await page.waitForTimeout(1500);
});

still("listen-error", async (page) => {
  expectComplaints(page);
  await page.route("**/catalog/music.json", (route) => route.abort());
  await page.goto("/");
  const picks = page.getByRole("list", { name: "Picks" });
  await expect(picks.getByText("The catalog could not be loaded")).toBeVisible();
});

still("listen-offline", async (page) => {
  await listen(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByText("You are offline")).toBeVisible();
  await expect(page.locator(".card h3")).toHaveCount(2);
});

still("listen-kept", async (page) => {
  await listen(page);
  await page.getByRole("button", { name: "Keep it on this device" }).click();
  await answer(page, 0, "Dislike");
  await expect(page.locator("#memory-state")).toContainText("kept on this device");
});

still("knows-empty", async (page) => {
  await page.goto("/knows/");
  await expect(page.locator("#summary")).toContainText("Nothing yet");
});

still("knows-one-answer", async (page) => {
  await listen(page);
  await answer(page, 0, "Like");
  await page.getByRole("link", { name: "What it knows", exact: true }).click();
  await expect(page.locator("#summary")).toContainText("1 answered pick");
});

still("knows-after-likes", async (page) => {
  await liked(page);
  await page.getByRole("link", { name: "What it knows", exact: true }).click();
  await expect(page.locator("#reward-chart canvas")).toBeVisible();
});

still("knows-import-refused", async (page) => {
  await page.goto("/knows/");
  await expect(page.locator("#summary")).toContainText("Nothing yet");
  const file = { name: "a.json", mimeType: "application/json", buffer: Buffer.from("{]") };
  await page.locator("#import").setInputFiles(file);
  await expect(page.locator("#import-state")).toContainText("Not imported");
});

still("knows-forget-all", async (page) => {
  await listen(page);
  await answer(page, 0, "Like");
  await page.getByRole("link", { name: "What it knows", exact: true }).click();
  await expect(page.locator("#summary")).toContainText("1 answered pick");
  await page.getByRole("button", { name: "Forget everything" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
});
