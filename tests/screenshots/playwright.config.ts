// Pictures of every page, taken by `cargo xtask screenshots`, which serves the site and says in
// MOODLOOP_PICTURES where they go. What needs a Worker without users comes first.
import { defineConfig } from "@playwright/test";
import base from "../playwright.config.ts";

export default defineConfig({
  ...base,
  testDir: ".",
  outputDir: "../../node_modules/.cache/moodloop/screenshots",
  projects: [
    { name: "fresh", testMatch: "**/*.fresh.ts" },
    { name: "people", testMatch: "**/people.ts", dependencies: ["fresh"] },
    { name: "used", testMatch: "**/*.used.ts", dependencies: ["people"] },
  ],
});
