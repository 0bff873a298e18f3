// Operating a Worker that people have used.

import type { Page } from "@playwright/test";
import { expect } from "../site/site.ts";
import { still } from "./still.ts";

async function open(page: Page): Promise<void> {
  await page.goto("/operate/");
  await page.getByLabel("Admin key").fill("admin-dev-key-change-in-production");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.locator("#runs tbody tr").first()).toContainText("completed");
  await expect(page.locator("#versions tbody tr")).toHaveCount(2);
}

still("operate-history", open);

still("operate-compared", async (page) => {
  await open(page);
  await page.getByLabel("All users, before and from").fill("2026-01-01");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.locator("#before-after")).toContainText("From then on");
});
