// How a picture is taken: the same moment, the same luck, nothing in motion.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { forms, test } from "../site/site.ts";

/** When every picture is taken. */
const NOW = new Date("2026-06-12T18:30:00Z");
const directory = process.env.MOODLOOP_PICTURES;
if (!directory) {
  throw new Error("MOODLOOP_PICTURES is not set: run `cargo xtask screenshots`");
}

/** A page in one state, in all forms. */
export function still(name: string, prepare: (page: Page) => Promise<void>): void {
  for (const { form, use } of forms) {
    test.describe(form, () => {
      test.use({ ...use, timezoneId: "UTC", locale: "en-GB" });

      test(name, async ({ page }) => {
        await steady(page);
        await prepare(page);
        await settled(page);
        const path = join(directory ?? "", `${name}-${form.replace(", ", "-")}.png`);
        await page.screenshot({ path, fullPage: true });
      });
    });
  }
}

/** The picture in the README: what fits on a screen. */
export function readme(prepare: (page: Page) => Promise<void>): void {
  test.describe("desktop, light", () => {
    test.use({
      viewport: { width: 1280, height: 880 },
      colorScheme: "light",
      timezoneId: "UTC",
      locale: "en-GB",
    });

    test("readme", async ({ page }) => {
      await steady(page);
      await prepare(page);
      await settled(page);
      await page.evaluate(() => scrollTo(0, 0));
      const { default: sharp } = await import("sharp");
      // A palette: a quarter of the bytes for colours as flat as these.
      await sharp(await page.screenshot())
        .png({ palette: true, colours: 128, effort: 10 })
        .toFile(fileURLToPath(new URL("../../www/screenshot.png", import.meta.url)));
    });
  });
}

/** Lets chance and clock give the same in every run. */
async function steady(page: Page): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await page.addInitScript(() => {
    let state = 20;
    const next = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    };
    crypto.getRandomValues = (array) => {
      if (array !== null) {
        new Uint8Array(array.buffer, array.byteOffset, array.byteLength).forEach((_, at, bytes) => {
          bytes[at] = next();
        });
      }
      return array;
    };
  });
}

/** Until nothing moves any more. */
async function settled(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  });
}

/** A page on which the browser itself complains, as it should. */
export function expectComplaints(page: Page): void {
  page.removeAllListeners("console");
}
