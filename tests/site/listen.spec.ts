// The first page: feel, pick, answer, and see it learn.

import { answer, expect, feel, forms, listen, next, picks, test, titles } from "./site.ts";

for (const { form, use } of forms) {
  test.describe(form, () => {
    test.use(use);

    test("a newcomer has two picks at once, and nothing is stored", async ({ page, context }) => {
      await listen(page);
      await expect(page.getByRole("heading", { level: 1 })).toContainText("how you feel");
      for (const pick of await picks(page).all()) {
        await expect(pick.locator(".card-why")).not.toBeEmpty();
        await expect(pick.getByRole("link")).toHaveAttribute("rel", /noopener/);
        await expect(pick.getByRole("button")).toHaveText([
          "Like",
          "Dislike",
          "Skip",
          "Finish",
          "Share",
        ]);
      }
      await answer(page, 0, "Like");
      const stored = await page.evaluate(async () => ({
        local: localStorage.length,
        databases: (await indexedDB.databases()).length,
      }));
      expect(stored).toEqual({ local: 0, databases: 0 });
      expect(await context.cookies()).toEqual([]);
    });

    test("the loop: feel, answer both, see what is expected move, get others", async ({ page }) => {
      await listen(page);
      await feel(page, "relaxed");
      await expect(page.locator("#strategy-place")).toContainText("a relaxed");
      const expected = page.locator("#beliefs .number");
      const before = await expected.allTextContents();
      await answer(page, 0, "Like");
      await expect(page.locator("#noted")).toContainText("counts +1");
      await answer(page, 1, "Skip");
      await expect(page.locator("#noted")).toContainText("counts −0.3");
      expect(await expected.allTextContents()).not.toEqual(before);
      await next(page);
      await expect(page.locator("#noted")).toBeEmpty();
      await expect(page.locator("#memory-state")).toContainText("2 answers, held in memory only");
    });

    test("nothing is wider than the screen", async ({ page }) => {
      await listen(page);
      await page.locator("summary", { hasText: "About you" }).click();
      await page.getByText("Ten questions instead").click();
      await page.getByText("Your own catalog").click();
      const [content, screen] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(content).toBeLessThanOrEqual(screen ?? 0);
    });
  });
}

test("liking what is calm and disliking what is lively teaches it so", async ({ page }) => {
  await listen(page);
  for (let set = 0; set < 16; set += 1) {
    for (const pick of [0, 1]) {
      const told = await picks(page).nth(pick).locator(".scale").first().getAttribute("title");
      const energy = Number(/Energy: (\d+)/.exec(told ?? "")?.[1]);
      await answer(page, pick, energy < 40 ? "Like" : "Dislike");
    }
    await next(page);
  }
  const [calm, , lively] = await page
    .locator("#beliefs table")
    .first()
    .locator(".number")
    .allTextContents();
  const value = (text = ""): number => Number(text.replace("−", "-"));
  expect(value(calm)).toBeGreaterThan(value(lively) + 0.2);
});

test("each kind of content has picks of its kind, and a cover of its own", async ({ page }) => {
  await listen(page);
  for (const [word, path] of [
    ["Films", "/catalog/video.json"],
    ["Games", "/catalog/game.json"],
    ["Podcasts", "/catalog/podcast.json"],
    ["Reading", "/catalog/article.json"],
  ] as const) {
    const before = await titles(page);
    await page.getByRole("radio", { name: word }).check();
    await expect.poll(() => titles(page)).not.toEqual(before);
    const works: { title: string }[] = await (await page.request.get(path)).json();
    const known = new Set(works.map(({ title }) => title));
    for (const title of await titles(page)) {
      expect(known.has(title), title).toBe(true);
    }
    await expect(page.locator(".card svg.cover")).toHaveCount(2);
  }
});

test("a mood that gets better after finishing counts for what was finished", async ({ page }) => {
  await listen(page);
  await feel(page, "sad");
  const [first] = await titles(page);
  await answer(page, 0, "Finish");
  await expect(page.locator("#noted")).toContainText("counts +1.");
  await feel(page, "happy");
  await expect(page.locator("#noted")).toContainText(
    `From sad to happy after “${first}”: it now counts +1.5.`,
  );
});

test("a change of mind replaces the answer, it does not add to it", async ({ page }) => {
  await listen(page);
  await answer(page, 0, "Like");
  await answer(page, 0, "Dislike");
  await expect(page.locator("#noted")).toContainText("counts −1");
  const like = picks(page).first().getByRole("button", { name: "Like", exact: true });
  await expect(like).toHaveAttribute("aria-pressed", "false");
});

test("sharing hands over the address", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await listen(page);
  const address = await picks(page).first().getByRole("link").getAttribute("href");
  await answer(page, 0, "Share");
  await expect(page.locator("#noted")).toContainText("counts +0.8");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);
});

test("the keyboard alone is enough", async ({ page }) => {
  await listen(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  const chosen = page.locator(".mood :checked");
  for (
    let press = 0;
    press < 10 && !(await chosen.evaluate((e) => e === document.activeElement));
    press += 1
  ) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("radio", { name: "focused" })).toBeChecked();
  await expect(page.locator("#strategy-place")).toContainText("a focused");
  const like = picks(page).first().getByRole("button", { name: "Like", exact: true });
  await expect(picks(page)).toHaveCount(2);
  for (
    let press = 0;
    press < 12 && !(await like.evaluate((e) => e === document.activeElement));
    press += 1
  ) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Space");
  await expect(like).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("status").first()).toContainText("Like:");
});

test("personality by sliders and by questions", async ({ page }) => {
  await listen(page);
  await page.locator("summary", { hasText: "About you" }).click();
  const openness = page.getByRole("slider", { name: "Openness" });
  await openness.fill("90");
  await expect(page.locator(".card-why", { hasText: "personality" }).first()).toBeVisible();
  await page.getByText("Ten questions instead").click();
  for (const question of await page.locator(".questions fieldset").all()) {
    await question.getByText("exactly").click();
  }
  await page.getByRole("button", { name: "Set the sliders" }).click();
  // Agreeing with a statement and with its opposite is the middle.
  await expect(openness).toHaveValue("50");
  await page.getByRole("button", { name: "Leave me out" }).click();
  await expect(page.locator(".card-why", { hasText: "personality" })).toHaveCount(0);
});

test("a catalog of one's own, as CSV and as JSON, and what is wrong with it", async ({ page }) => {
  await listen(page);
  await page.getByText("Your own catalog").click();
  const file = page.locator("#own-file");
  const state = page.locator(".own-state");
  const give = (name: string, text: string) =>
    file.setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  const head = "id,title,creator,content_type,genres,energy,valence,popularity,url\n";
  await give("bad.csv", `${head}a,One,,music,jazz,1.5,0.5,10,\n`);
  await expect(state).toContainText("Not taken: row 2: `item.energy`");
  await give("bad.json", "{]");
  await expect(state).toContainText("Not taken");
  const long = "A very long title that goes on and on, ".repeat(5).trim();
  await give(
    "own.csv",
    `${head}a,"${long}",Me,music,jazz;folk,0.3,0.5,10,\nb,"Two, too",,music,folk,0.6,0.5,60,/two\n`,
  );
  await expect(state).toContainText("2 items of your own");
  await expect
    .poll(async () => (await titles(page)).toSorted())
    .toEqual([long, "Two, too"].toSorted());
  const one = {
    id: "c",
    title: "Only",
    content_type: "music",
    genres: ["jazz"],
    energy: 0.2,
    valence: 0.4,
    popularity: 5,
  };
  await give("own.json", JSON.stringify([one]));
  await expect.poll(() => titles(page)).toEqual(["Only"]);
  await page.getByRole("button", { name: "Back to the demo" }).click();
  await expect(picks(page)).toHaveCount(2);
});

test("a catalog that cannot be loaded is said so and tried again", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL: baseURL ?? "", serviceWorkers: "block" });
  const page = await context.newPage();
  await page.route("**/catalog/music.json", (route) => route.abort());
  await page.goto("/");
  await expect(page.locator(".card", { hasText: "The catalog could not be loaded" })).toBeVisible();
  await expect(page.locator("#live")).toContainText("The catalog could not be loaded");
  await page.unroute("**/catalog/music.json");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(picks(page)).toHaveCount(2);
  await context.close();
});

test("nothing moves while the page loads, and nothing glides where motion is unwanted", async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) {
        document.documentElement.dataset.moved = String(
          Number(document.documentElement.dataset.moved ?? 0) + entry.value,
        );
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  await listen(page);
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))),
  );
  expect(Number((await page.locator("html").getAttribute("data-moved")) ?? 0)).toBeLessThan(0.02);
  const durations = await page.evaluate(() =>
    [...document.querySelectorAll("*")].map(
      (element) => getComputedStyle(element).transitionDuration,
    ),
  );
  expect(new Set(durations.flatMap((text) => text.split(", ")))).toEqual(new Set(["0s"]));
});
