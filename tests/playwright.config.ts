// Tests in a real Chromium. `cargo xtask test --only site` finds or installs the browser, serves
// site and API, and sets CHROMIUM and MOODLOOP_URL.
import { defineConfig } from "@playwright/test";

const baseURL = process.env.MOODLOOP_URL;
if (!baseURL) {
  throw new Error("MOODLOOP_URL is not set: run `cargo xtask test --only site`");
}
// Without it, Playwright takes the browser that it installed itself.
const executablePath = process.env.CHROMIUM;

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../node_modules/.cache/moodloop/playwright",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // So long, because a busy machine is slow; nothing here measures time.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL,
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
