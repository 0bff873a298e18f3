// Measures the npm package in Chromium, in a page with nothing else: from opening a stored model of
// some 250 KB to the first decision, a ranking of 10,000 indexed items, and feedback until it is
// on disk.
//
// Prints one JSON object: {"model_bytes", "first_decision_seconds", "rank_seconds",
// "feedback_seconds"}: medians.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { chromium } from "@playwright/test";

const PACKAGE = path.resolve(import.meta.dirname, "../../pkg");
const ORIGIN = "http://localhost:9";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
const context = await browser.newContext();
await context.route(`${ORIGIN}/**`, async (route) => {
  const { pathname } = new URL(route.request().url());
  if (pathname === "/") {
    await route.fulfill({ contentType: "text/html", body: "<!doctype html><title>x</title>" });
  } else {
    const body = await readFile(path.join(PACKAGE, "dist", path.basename(pathname)));
    await route.fulfill({ contentType: "text/javascript", body });
  }
});
const page = await context.newPage();
await page.goto(ORIGIN);

const measured = await page.evaluate(async () => {
  const { Moodloop } = await import("/index.browser.js");
  const median = (times) => times.sort((a, b) => a - b)[times.length >> 1] / 1000;
  const timed = async (work) => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const options = { name: "bench", consent: "granted", seed: 7 };
  const like = async (loop) => {
    const { decision_id } = loop.recommend({ content_type: "music", mood: "calm" });
    return timed(() => loop.feedback(decision_id, { interaction_type: "like" }));
  };

  // A log that makes the snapshot as large as asked for; the model itself is about 95 KB of it.
  let loop = await Moodloop.open(options);
  while (loop.export().length < 250_000) {
    for (let i = 0; i < 200; i++) {
      void like(loop);
    }
    await loop.fold();
  }
  const model_bytes = loop.export().length;
  await loop.close();

  const opened = [];
  for (let i = 0; i < 25; i++) {
    opened.push(
      await timed(async () => {
        loop = await Moodloop.open(options);
        loop.recommend({ content_type: "music" });
      }),
    );
    await loop.close();
  }

  loop = await Moodloop.open(options);
  const stored = [];
  for (let i = 0; i < 100; i++) {
    stored.push(await like(loop));
  }

  const genres = ["classical", "ambient", "jazz", "rock", "folk", "electronic"];
  const catalog = await loop.catalog(
    Array.from({ length: 10_000 }, (_, i) => ({
      id: `m${i}`,
      title: `Piece ${i}`,
      creator: `Composer ${i % 977}`,
      content_type: "music",
      genres: [genres[i % genres.length]],
      energy: ((i * 37) % 101) / 100,
      valence: ((i * 53) % 101) / 100,
      popularity: (i * 71) % 101,
    })),
  );
  const ranked = [];
  for (let i = 0; i < 100; i++) {
    const pick = loop.recommend({ content_type: "music", mood: "calm" });
    ranked.push(await timed(() => loop.rank(catalog, pick, { limit: 10 })));
  }
  await loop.close();
  return {
    model_bytes,
    first_decision_seconds: median(opened),
    rank_seconds: median(ranked),
    feedback_seconds: median(stored),
  };
});
await browser.close();
console.log(JSON.stringify(measured));
