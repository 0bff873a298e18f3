// The shared vectors through the built package, in workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { files, readCases } from "./vector-files.mjs";
import { openWorkerd } from "./workerd.mjs";

const script = `
  import * as moodloop from "moodloop/agent";
  import { answer } from "./vectors.mjs";
  export default {
    fetch: async (request) => {
      const cases = await request.json();
      return Response.json(cases.map(({ call, args }) => answer(moodloop, call, args)));
    },
  };`;

let worker;
before(async () => {
  worker = await openWorkerd(script, import.meta.dirname);
});
after(() => worker.dispose());

for (const file of files) {
  test(`vectors of ${file}`, async () => {
    const cases = readCases(file);
    const response = await worker.dispatchFetch("http://localhost/", {
      method: "POST",
      body: JSON.stringify(cases),
    });
    assert.equal(response.status, 200);
    // Through JSON, which writes every number so that it is read as the same bits.
    const answers = await response.json();
    assert.equal(answers.length, cases.length);
    for (const [i, { name, gives }] of cases.entries()) {
      assert.deepEqual(answers[i], gives, `${file}, ${name}`);
    }
  });
}
