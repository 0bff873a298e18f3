import type { Audience, LearnerName, SimulationReport } from "moodloop/lab";
import { find, html, scroller } from "../dom.ts";
import { decimals } from "../words.ts";
import { mean } from "./curves.ts";
import type { Progress } from "./run.ts";
import { audiences, fromAddress, type Settings, toAddress } from "./settings.ts";
import { started } from "./started.ts";

const names: Record<LearnerName, string> = {
  agent: "moodloop",
  q_table: "Q-table",
  baseline: "personality alone",
  uniform: "blind choice",
};

/** Brings the page to life. */
export async function mount(root: HTMLElement): Promise<() => void> {
  const lab = new Lab(root);
  lab.begin();
  return () => lab.end();
}

class Lab {
  readonly #root: HTMLElement;
  readonly #form: HTMLFormElement;
  #end: (() => void) | undefined;
  #chart: { show(reports: readonly SimulationReport[]): void; end(): void } | undefined;
  #settings: Settings | undefined;
  #reports: SimulationReport[] = [];
  #started = 0;
  #ended = false;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#form = find("#lab-form", HTMLFormElement, root);
  }

  begin(): void {
    const audience = find("#lab-audience", HTMLSelectElement, this.#form);
    audience.replaceChildren(
      ...Object.keys(audiences).map((name) => html("option", { value: name }, name)),
    );
    const settings = fromAddress(location.search);
    audience.value = settings.audience;
    for (const name of [
      "users",
      "rounds",
      "repeats",
      "delay",
      "optimism",
      "alpha",
      "seed",
    ] as const) {
      this.#input(name).value = String(settings[name]);
    }
    this.#input("drift").checked = settings.drift;
    const told = (): void => {
      this.#say("lab-audience-told", audiences[audience.value as Audience]);
    };
    audience.addEventListener("change", told);
    told();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    find("#lab-stop", HTMLButtonElement, this.#root).addEventListener("click", () => {
      this.#stop();
      this.#say("lab-state", "Stopped.");
    });
    this.#running(false);
    find("#lab-download", HTMLButtonElement, this.#root).addEventListener("click", () =>
      this.#download(),
    );
  }

  #input(name: string): HTMLInputElement {
    return find(`#lab-${name}`, HTMLInputElement, this.#form);
  }

  #say(id: string, text: string): void {
    find(`#${id}`, HTMLElement, this.#root).textContent = text;
  }

  #read(): Settings {
    const number = (name: string): number => this.#input(name).valueAsNumber;
    return {
      audience: find("#lab-audience", HTMLSelectElement, this.#form).value as Audience,
      users: number("users"),
      rounds: number("rounds"),
      repeats: number("repeats"),
      delay: number("delay"),
      optimism: number("optimism"),
      alpha: number("alpha"),
      seed: number("seed"),
      drift: this.#input("drift").checked,
    };
  }

  #start(): void {
    this.#stop();
    this.#settings = this.#read();
    this.#reports = [];
    this.#started = performance.now();
    history.replaceState(null, "", toAddress(this.#settings));
    this.#end = started<Progress>(
      { settings: this.#settings },
      (progress) => void this.#took(progress),
      (why) => {
        this.#stop();
        this.#say("lab-state", `Not simulated: ${why}`);
      },
    );
    this.#running(true);
    this.#say("lab-state", "Simulating …");
  }

  #running(running: boolean): void {
    const start = find("#lab-start", HTMLButtonElement, this.#root);
    const stop = find("#lab-stop", HTMLButtonElement, this.#root);
    const [off, on] = running ? [start, stop] : [stop, start];
    on.disabled = false;
    // A button that is switched off would drop the keyboard's place in the page.
    if (document.activeElement === off) {
      on.focus();
    }
    off.disabled = true;
  }

  #stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.#running(false);
  }

  async #took({ share, reports }: Progress): Promise<void> {
    find("#lab-progress", HTMLProgressElement, this.#root).value = share;
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
    const done = share >= 1;
    if (done) {
      this.#stop();
    }
    if (reports.length > this.#reports.length) {
      this.#reports = reports;
      await this.#show();
    }
    // It is done once it is shown, unless another run was started meanwhile.
    if (done && !this.#end) {
      this.#say("lab-state", `Done in ${seconds} seconds.`);
    }
  }

  async #show(): Promise<void> {
    const { CurveChart } = await import("./chart.ts");
    if (this.#ended) {
      return;
    }
    this.#chart ??= new CurveChart(find("#lab-chart", HTMLElement, this.#root));
    this.#chart.show(this.#reports);
    this.#table();
    find("#lab-download", HTMLButtonElement, this.#root).disabled = false;
  }

  #table(): void {
    const [first] = this.#reports;
    const percent = (value: number): string => `${(value * 100).toFixed(0)}\u00a0%`;
    const rows = (first?.learners ?? []).map(({ learner }, at) => {
      const outcomes = this.#reports
        .map((report) => report.learners[at])
        .filter((one) => one !== undefined);
      const scores = outcomes.map(({ score }) => score ?? 0);
      const range = `${decimals(Math.min(...scores), 2)} to ${decimals(Math.max(...scores), 2)}`;
      return html(
        "tr",
        {},
        html(
          "th",
          { scope: "row" },
          html("span", { class: `swatch ${learner}`, "aria-hidden": "true" }),
          names[learner],
        ),
        html(
          "td",
          {},
          scores.length > 1 ? `${decimals(mean(scores), 2)} (${range})` : decimals(mean(scores), 2),
        ),
        html("td", {}, percent(mean(outcomes.map(({ like_rate }) => like_rate)))),
        html("td", {}, percent(mean(outcomes.map(({ completion_rate }) => completion_rate)))),
        html("td", {}, percent(mean(outcomes.map(({ skip_rate }) => skip_rate)))),
      );
    });
    const head = ["Learner", "Score", "Likes", "Completions", "Skips"];
    const table = html(
      "table",
      { class: "list plain" },
      html("thead", {}, html("tr", {}, ...head.map((word) => html("th", { scope: "col" }, word)))),
      html("tbody", {}, ...rows),
    );
    find("#lab-table", HTMLElement, this.#root).replaceChildren(scroller("Results", table));
  }

  #download(): void {
    const data = JSON.stringify({ settings: this.#settings, reports: this.#reports }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
    link.download = "moodloop-lab.json";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  end(): void {
    this.#ended = true;
    this.#stop();
    this.#chart?.end();
  }
}
