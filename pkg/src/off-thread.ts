import { type ErrorCode, MoodloopError } from "./error.js";
import script from "./rank-worker.js?script";
import type { Brief, Item, RankOptions, Recommendation } from "./ranked.js";
import type { Indexed } from "./ranking.js";

/** What the thread is asked; one question after the other. */
export type Question =
  | { wasm: BufferSource; items: readonly Item[] }
  | { brief: Brief; options: RankOptions };

/** What it answers. */
export type Answer = { value: unknown } | { error: { code: string; message: string } };

/** A catalog in a thread of its own, so that the page goes on while it works. */
export class OffThread implements Indexed {
  readonly #thread: Worker;
  #size = 0;
  #freed = false;
  /** Questions are answered in the order in which they were asked. */
  #waiting: { resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];

  private constructor(thread: Worker) {
    this.#thread = thread;
    thread.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      this.#waiting.shift()?.resolve(data);
    });
    // Everything inside is caught there: only a thread that is not allowed ends here.
    thread.addEventListener("error", (event) => {
      event.preventDefault();
      this.#end("this page may start no thread");
    });
  }

  /**
   * Starts a thread and indexes the items in it.
   *
   * @returns Nothing where the page may start no thread, or the items cannot be handed over.
   * @throws MoodloopError `invalid_item` naming the first item that is not one.
   */
  static async start(wasm: BufferSource, items: readonly Item[]): Promise<OffThread | undefined> {
    if (typeof Worker !== "function") {
      return undefined;
    }
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    let catalog: OffThread | undefined;
    try {
      catalog = new OffThread(new Worker(address));
      catalog.#size = (await catalog.#ask({ wasm, items })) as number;
      return catalog;
    } catch (error) {
      catalog?.free();
      if (error instanceof MoodloopError && error.code !== "unavailable") {
        throw error;
      }
      return undefined;
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  async #ask(question: Question): Promise<unknown> {
    if (this.#freed) {
      throw MoodloopError.closed("this catalog");
    }
    this.#thread.postMessage(question);
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    if ("error" in answer) {
      throw new MoodloopError(answer.error.code as ErrorCode, answer.error.message);
    }
    return answer.value;
  }

  get size(): number {
    return this.#size;
  }

  async rank(brief: Brief, options: RankOptions = {}): Promise<Recommendation[]> {
    return (await this.#ask({ brief, options })) as Recommendation[];
  }

  free(): void {
    this.#end("this catalog was freed");
  }

  #end(why: string): void {
    this.#freed = true;
    this.#thread.terminate();
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new MoodloopError("unavailable", why));
    }
  }
}
