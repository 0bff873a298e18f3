import type { Moodloop, StorageReason } from "moodloop";
import { announce, find } from "./dom.ts";
import { keep } from "./session.ts";
import { count } from "./words.ts";

/** Says where the model is kept, and lets the visitor decide it. */
export class Memory {
  readonly #state: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #loop: Moodloop;

  constructor(root: ParentNode, loop: Moodloop) {
    this.#state = find("#memory-state", HTMLElement, root);
    this.#button = find("#keep", HTMLButtonElement, root);
    this.#loop = loop;
  }

  /** Follows what happens to the model. */
  watch(): () => void {
    this.#button.addEventListener("click", () => void this.#switch());
    this.show();
    return this.#loop.on("storage", () => this.show());
  }

  async #switch(): Promise<void> {
    this.#loop.consent = this.#loop.consent === "granted" ? "denied" : "granted";
    await keep();
    this.show();
    announce(this.#state.textContent);
  }

  /** Shows how things stand. */
  show(): void {
    this.#state.textContent = stateOf(this.#loop);
    const granted = this.#loop.consent === "granted";
    this.#button.textContent = granted ? "Keep nothing any more" : "Keep it on this device";
  }
}

/** Why what may be stored is in memory. */
const because: Partial<Record<StorageReason, string>> = {
  consent: "until this browser has opened its storage",
  opening: "until this browser has opened its storage",
  blocked: "until you close the older tabs of this site",
  outdated: "because a newer version of this site was opened: reload to use it",
  full: "because this device has no room left",
};

/** How much a model holds and where, in words. */
export function stateOf(loop: Moodloop): string {
  const { length } = loop.events().filter((event) => "interaction" in event);
  const answers = length === 0 ? "What you answer is" : `${count(length, "answer")},`;
  if (loop.consent === "denied") {
    return `${answers} held in memory only: gone when you close this page.`;
  }
  if (loop.storage === "indexeddb") {
    return `${answers} kept on this device and nowhere else.`;
  }
  const why = because[loop.storageReason] ?? "because this browser refuses to store anything";
  return `${answers} held in memory only, ${why}. Gone when you close this page, unless you export it.`;
}
