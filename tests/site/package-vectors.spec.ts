// The shared vectors through the built package, in a browser.

import { readdirSync } from "node:fs";
import { expect, test } from "./package-page.ts";

const files = readdirSync(new URL("../vectors/", import.meta.url)).filter((name) =>
  name.endsWith(".json"),
);

for (const file of files) {
  test(`vectors of ${file}`, async ({ tab }) => {
    const page = await tab();
    const answers = await page.evaluate(async (name) => {
      const { answer } = await import(`${location.origin}/tests/package/vectors.mjs`);
      const { cases } = await (await fetch(`/tests/vectors/${name}`)).json();
      // As text, so that no number is rounded on its way out of the page.
      return (cases as { call: string; args: unknown[]; gives: unknown }[]).map((one) =>
        JSON.stringify([answer(window.moodloop, one.call, one.args), one.gives]),
      );
    }, file);
    expect(answers.length).toBeGreaterThan(0);
    for (const text of answers) {
      const [given, wanted] = JSON.parse(text);
      expect(given).toEqual(wanted);
    }
  });
}
