// The lab, the guide, and operating a Worker that nobody has used.

import { pages } from "../../www/src/pages.ts";
import { expect } from "../site/site.ts";
import { expectComplaints, still } from "./still.ts";

for (const { path, view } of pages.filter(({ view }) => view.startsWith("guide/"))) {
  still(view.replace("/", "-"), async (page) => {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
  });
}

still("lab-first-visit", async (page) => {
  await page.goto("/lab/");
  await expect(page.getByRole("button", { name: "Simulate" })).toBeEnabled();
});

still("lab-running", async (page) => {
  await page.goto("/lab/?users=200&rounds=50000&repeats=10");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect.poll(() => page.locator("#lab-progress").getAttribute("value")).not.toBe("0");
});

still("lab-done", async (page) => {
  await page.goto("/lab/?audience=rules&users=10&rounds=1500&repeats=3");
  await page.getByRole("button", { name: "Simulate" }).click();
  await expect(page.locator("#lab-state")).toContainText("Done in", { timeout: 60_000 });
});

still("operate-key", async (page) => {
  await page.goto("/operate/");
  await expect(page.getByRole("button", { name: "Open" })).toBeEnabled();
});

still("operate-wrong-key", async (page) => {
  expectComplaints(page);
  await page.goto("/operate/");
  await page.getByLabel("Admin key").fill("wrong");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByText("This key does not open it.")).toBeVisible();
});

still("operate-no-worker", async (page) => {
  expectComplaints(page);
  await page.route("**/api/**", (route) => route.abort());
  await page.goto("/operate/");
  await page.getByLabel("Admin key").fill("any");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByText("The Worker cannot be reached.")).toBeVisible();
});

still("operate-empty", async (page) => {
  await page.goto("/operate/");
  await page.getByLabel("Admin key").fill("admin-dev-key-change-in-production");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByText("No training has run yet.")).toBeVisible();
});
