/** How often the line is drawn anew, in milliseconds. */
const EVERY = 100;

/** One line on standard error that tells how far a command is; nothing where nobody watches. */
export class Progress {
  #label: string;
  #total: number | undefined;
  #shown = 0;
  #drawn = false;

  /** Progress of something called `label`, out of `total` if that is known. */
  constructor(label: string, total?: number) {
    this.#label = label;
    this.#total = total;
  }

  /** Tells that `done` bytes are behind it. */
  bytes(done: number): void {
    this.#draw(done, `${(done / 1e6).toFixed(0)} MB`);
  }

  /** Tells that `done` of the total are behind it. */
  count(done: number): void {
    this.#draw(done, `${done} of ${this.#total ?? "?"}`);
  }

  #draw(done: number, text: string): void {
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.#shown < EVERY) {
      return;
    }
    this.#shown = now;
    this.#drawn = true;
    const share = this.#total ? ` ${((100 * done) / this.#total).toFixed(0)} %` : "";
    process.stderr.write(`\r\u001b[K${this.#label}:${share} (${text})`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#drawn) {
      process.stderr.write("\r\u001b[K");
    }
  }
}
