import type { Exported, Moodloop } from "moodloop";
import { find } from "../dom.ts";
import { stateOf } from "../memory.ts";
import { keep, session } from "../session.ts";

/** What a visitor may do with their model. */
export function mountRights(root: HTMLElement, loop: Moodloop): () => void {
  const consent = find("#consent", HTMLInputElement, root);
  const profiling = find("#profiling", HTMLInputElement, root);
  const state = find("#memory-state", HTMLElement, root);
  const show = (): void => {
    consent.checked = loop.consent === "granted";
    profiling.checked = loop.profiling;
    state.textContent = stateOf(loop);
  };
  consent.addEventListener("change", async () => {
    loop.consent = consent.checked ? "granted" : "denied";
    await keep();
    show();
  });
  profiling.addEventListener("change", async () => {
    loop.profiling = profiling.checked;
    await keep();
  });
  find("#export-json", HTMLButtonElement, root).addEventListener("click", () => {
    const text = JSON.stringify(loop.export("json"), null, 2);
    download(new Blob([text], { type: "application/json" }), "moodloop.json");
  });
  find("#export-file", HTMLButtonElement, root).addEventListener("click", () => {
    const bytes = loop.export() as Uint8Array<ArrayBuffer>;
    download(new Blob([bytes], { type: "application/octet-stream" }), "model.moodloop");
  });
  mountImport(root, loop);
  mountErase(root, loop);
  show();
  const stops = [loop.on("storage", show), loop.on("change", show)];
  return () => {
    for (const stop of stops) {
      stop();
    }
  };
}

function mountImport(root: HTMLElement, loop: Moodloop): void {
  const input = find("#import", HTMLInputElement, root);
  const state = find("#import-state", HTMLElement, root);
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    input.value = "";
    if (file === undefined) {
      return;
    }
    try {
      const before = loop.export("json").decisions.length;
      await loop.import(await read(file));
      const more = loop.export("json").decisions.length - before;
      state.textContent = `Imported: ${more} new ${more === 1 ? "decision" : "decisions"}.`;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      state.textContent = `Not imported, and nothing changed: ${why}`;
    }
  });
}

async function read(file: File): Promise<Uint8Array | Exported> {
  return file.name.endsWith(".json")
    ? (JSON.parse(await file.text()) as Exported)
    : new Uint8Array(await file.arrayBuffer());
}

function mountErase(root: HTMLElement, loop: Moodloop): void {
  const dialog = find("#erase-dialog", HTMLDialogElement, root);
  find("#erase", HTMLButtonElement, root).addEventListener("click", () => {
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "erase") {
      return;
    }
    delete session.personality;
    delete session.own;
    await loop.erase();
    await keep();
    find("#erase-state", HTMLElement, root).textContent = "Everything is forgotten.";
  });
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
