// Measures how long a first visit takes until both picks can be answered, on a processor that is
// slowed down four times, and what it loads until then; and how long the lab simulates.
//
// Prints one JSON object: {"usable_seconds", "painted_seconds", "work_seconds", "shift", "bytes",
// "lab_seconds"}: medians; the work is the processor time of the page's thread at full speed, which
// other programs of this machine hardly lengthen.
import { brotliCompressSync } from "node:zlib";
import { chromium } from "@playwright/test";

const RUNS = 9;
const SLOWER = 4;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});

/** One first visit. */
async function visit(slower) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const loaded = new Map();
  page.on("response", (response) => {
    if (response.request().serviceWorker() === null) {
      const size = response.body().then((body) => brotliCompressSync(body).length);
      // What is asked for twice comes out of the browser's cache the second time.
      loaded.set(response.url(), size);
    }
  });
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) {
        window.shift += value;
      }
    }).observe({ type: "layout-shift", buffered: true });
    window.usable = new Promise((resolve) => {
      const look = () => {
        if (document.querySelectorAll(".card:not(.blank, .message) .answer").length === 10) {
          // What is in the page now is on the screen in the frame after.
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() / 1000)));
          watch.disconnect();
        }
      };
      const watch = new MutationObserver(look);
      watch.observe(document, { childList: true, subtree: true });
    });
  });
  await page.goto(process.env.MOODLOOP_URL, { waitUntil: "commit" });
  const usable = await page.evaluate(() => window.usable);
  const { metrics } = await session.send("Performance.getMetrics");
  const work = metrics.find(({ name }) => name === "TaskDuration").value;
  const [painted, shift] = await page.evaluate(() => [
    performance.getEntriesByName("first-contentful-paint")[0].startTime / 1000,
    window.shift,
  ]);
  const bytes = (await Promise.all(loaded.values())).reduce((sum, size) => sum + size, 0);
  await context.close();
  return { usable, painted, work, shift, bytes };
}

/** The lab's run of 60 people with 500 visits each, all four learners. */
async function lab() {
  const page = await browser.newPage();
  await page.goto(new URL("/lab/?users=60&rounds=30000&repeats=1", process.env.MOODLOOP_URL).href);
  await page.getByRole("button", { name: "Simulate" }).click();
  const done = page.locator("#lab-state", { hasText: "Done in" });
  await done.waitFor({ timeout: 300_000 });
  const told = await done.textContent();
  await page.close();
  return Number(/[\d.]+/.exec(told)[0]);
}

function median(numbers) {
  return numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

await visit(1);
const [slow, full] = [[], []];
for (let run = 0; run < RUNS; run += 1) {
  slow.push(await visit(SLOWER));
  full.push(await visit(1));
}
const lab_seconds = await lab();
await browser.close();
console.log(
  JSON.stringify({
    usable_seconds: median(slow.map(({ usable }) => usable)),
    painted_seconds: median(slow.map(({ painted }) => painted)),
    work_seconds: median(full.map(({ work }) => work)),
    shift: Math.max(...slow.map(({ shift }) => shift)),
    bytes: median(full.map(({ bytes }) => bytes)),
    lab_seconds,
  }),
);
