/** What tabs on one model tell each other; the facts themselves are in the store. */
export type News =
  | { kind: "written" }
  | { kind: "forgot"; decision_id: string }
  | { kind: "erased" }
  | { kind: "withdrawn" };

/** The other tabs of this origin that hold the same model. */
export class Tabs {
  readonly #name: string;
  readonly #channel: BroadcastChannel | undefined;

  /** Joins the tabs on the model `name`; `heard` is told what the others say. */
  constructor(name: string, heard: (news: News) => void) {
    this.#name = `moodloop:${name}`;
    this.#channel =
      typeof BroadcastChannel === "function" ? new BroadcastChannel(this.#name) : undefined;
    this.#channel?.addEventListener("message", (event: MessageEvent<News>) => heard(event.data));
  }

  /** Tells the others. */
  tell(news: News): void {
    this.#channel?.postMessage(news);
  }

  /**
   * Runs a job while no other tab runs one, so that only one of them folds.
   *
   * Where there are no Web Locks (a page without HTTPS) it runs at once: the store refuses a
   * snapshot that was not made from the present one, so that a lock only saves work.
   */
  async alone(job: () => Promise<void>): Promise<void> {
    if (typeof navigator === "object" && navigator.locks !== undefined) {
      await navigator.locks.request(this.#name, job);
    } else {
      await job();
    }
  }

  /** Leaves. */
  leave(): void {
    this.#channel?.close();
  }
}
