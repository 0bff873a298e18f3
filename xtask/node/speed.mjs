// Times the speed benchmark's wasm. usage: speed.mjs FOLDER node|chromium
// FOLDER holds speed.wasm and its glue. Prints one JSON object, nanoseconds a call.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { time } from "./speed.js";

const [folder, runtime] = process.argv.slice(2);
const ORIGIN = "http://speed.test";

async function inNode() {
  const glue = await import(pathToFileURL(path.join(folder, "speed.js")));
  return time(glue, await readFile(path.join(folder, "speed.wasm")));
}

async function inChromium() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  const files = {
    "/": ["text/html", "<!doctype html>"],
    "/time.js": ["text/javascript", await readFile(path.join(import.meta.dirname, "speed.js"))],
    "/speed.js": ["text/javascript", await readFile(path.join(folder, "speed.js"))],
    "/speed.wasm": ["application/wasm", await readFile(path.join(folder, "speed.wasm"))],
  };
  try {
    const page = await browser.newPage();
    // Isolated from other pages, a page's clock goes in steps of 5 µs instead of 100.
    const headers = {
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    };
    await page.route(`${ORIGIN}/**`, (route) => {
      const [contentType, body] = files[new URL(route.request().url()).pathname] ?? [];
      return body ? route.fulfill({ contentType, body, headers }) : route.abort();
    });
    await page.goto(`${ORIGIN}/`);
    return await page.evaluate(async () => {
      const [{ time }, glue] = await Promise.all([import("/time.js"), import("/speed.js")]);
      return time(glue, await (await fetch("/speed.wasm")).arrayBuffer());
    });
  } finally {
    await browser.close();
  }
}

console.log(JSON.stringify(await (runtime === "node" ? inNode() : inChromium())));
