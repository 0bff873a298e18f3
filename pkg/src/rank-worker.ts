// The ranking in a thread of its own: bundled to one script, whose text off-thread.ts starts.

import { Catalog, initSync } from "../wasm/catalog.js";
import type { Answer, Question } from "./off-thread.js";

let index: Catalog | undefined;

function answer(question: Question): unknown {
  if ("items" in question) {
    initSync({ module: question.wasm });
    index = new Catalog(question.items);
    return index.size;
  }
  return index?.rank(question.brief, question.options);
}

addEventListener("message", ({ data }: MessageEvent<Question>) => {
  let said: Answer;
  try {
    said = { value: answer(data) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    said = { error: { code: code ?? "internal", message } };
  }
  postMessage(said);
});
