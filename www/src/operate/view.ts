import { announce, find } from "../dom.ts";
import { Api, Refused } from "./api.ts";
import { showBeforeAfter, showEngagement, showHealth, showRuns, showVersions } from "./show.ts";

/** How often a running training is looked at, in milliseconds. */
const WATCH_MS = 2000;

/** The key, for as long as the site is open. */
let opened: Api | undefined;

/** Brings the page to life. */
export async function mount(root: HTMLElement): Promise<() => void> {
  const operate = new Operate(root);
  operate.begin();
  return () => operate.end();
}

class Operate {
  readonly #root: HTMLElement;
  #watching: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  #place(id: string): HTMLElement {
    return find(`#${id}`, HTMLElement, this.#root);
  }

  begin(): void {
    const form = find("#key-form", HTMLFormElement, this.#root);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#open(new Api(find("#admin-key", HTMLInputElement, form).value));
    });
    this.#place("refresh").addEventListener(
      "click",
      () =>
        void this.#do("key-problem", async (api) => {
          await this.#show(api);
          announce(find("#health .verdict", HTMLElement, this.#root).textContent);
        }),
    );
    this.#place("train").addEventListener("click", () => void this.#do("train-state", this.#train));
    find("#split-form", HTMLFormElement, this.#root).addEventListener("submit", (event) => {
      event.preventDefault();
      const { value } = find("#split", HTMLInputElement, this.#root);
      void this.#do("before-after", async (api) => {
        showBeforeAfter(this.#place("before-after"), await api.engagement(value));
      });
    });
    find("#experiment-form", HTMLFormElement, this.#root).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#do("experiment-state", this.#experiment);
    });
    // Until here the key would have gone nowhere.
    find("#key-open", HTMLButtonElement, form).disabled = false;
    if (opened !== undefined) {
      void this.#open(opened);
    }
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#watching);
  }

  async #open(api: Api): Promise<void> {
    const problem = this.#place("key-problem");
    problem.textContent = "";
    try {
      await api.health();
    } catch (error) {
      const wrong = error instanceof Refused && (error.status === 401 || error.status === 403);
      problem.textContent = wrong ? "This key does not open it." : text(error);
      return;
    }
    opened = api;
    this.#place("key-form").hidden = true;
    this.#place("operate").hidden = false;
    await this.#do("key-problem", this.#show);
    // The button that was pressed is gone.
    this.#place("health-title").focus();
  }

  /** Does something with the Worker, and says in `place` what went wrong. */
  async #do(place: string, work: (api: Api) => Promise<void>): Promise<void> {
    if (opened === undefined) {
      return;
    }
    try {
      await work(opened);
    } catch (error) {
      if (!this.#ended) {
        this.#place(place).textContent = text(error);
      }
    }
  }

  readonly #show = async (api: Api): Promise<void> => {
    const [health, runs, models, engagement, experiment] = await Promise.all([
      api.health(),
      api.runs(),
      api.models(),
      api.engagement(),
      api.experiment(),
    ]);
    if (this.#ended) {
      return;
    }
    showHealth(this.#place("health"), health);
    showRuns(this.#place("runs"), runs.tasks);
    showVersions(this.#place("versions"), models, (version) => {
      void this.#do("version-state", async () => {
        await api.activate(version);
        this.#place("version-state").textContent = `Version ${version} serves now.`;
        await this.#show(api);
        find("#versions .scroller", HTMLElement, this.#root).focus();
      });
    });
    showEngagement(this.#place("engagement"), engagement);
    this.#fill("#share", String(experiment.agent_per_mille));
    this.#fill("#holdout", String(experiment.holdout_per_mille));
    this.#fill("#experiment-name", experiment.name);
  };

  /** Shows a setting; what the operator is typing over it stays. */
  #fill(id: string, value: string): void {
    const field = find(id, HTMLInputElement, this.#root);
    if (field.value === field.defaultValue) {
      field.value = value;
    }
    field.defaultValue = value;
  }

  /** Starts a training and watches it to its end. */
  readonly #train = async (api: Api): Promise<void> => {
    const state = this.#place("train-state");
    state.textContent = "Training …";
    const task = await api.train();
    await this.#show(api);
    if (this.#ended) {
      return;
    }
    if (task.status === "running") {
      state.textContent = `Training: ${task.records_processed} records so far.`;
      this.#watching = setTimeout(() => void this.#do("train-state", this.#train), WATCH_MS);
    } else {
      const { status, records_processed, users_processed } = task;
      state.textContent = `Training ${status}: ${records_processed} records of ${users_processed} users.`;
    }
  };

  readonly #experiment = async (api: Api): Promise<void> => {
    const saved = await api.setExperiment({
      name: find("#experiment-name", HTMLInputElement, this.#root).value,
      agent_per_mille: find("#share", HTMLInputElement, this.#root).valueAsNumber,
      holdout_per_mille: find("#holdout", HTMLInputElement, this.#root).valueAsNumber,
    });
    this.#place("experiment-state").textContent =
      `Saved: ${saved.agent_per_mille / 10} % of users are on the agent.`;
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
