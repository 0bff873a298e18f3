import type { Moodloop, TimeOfDay } from "moodloop";
import { find, html } from "../dom.ts";
import { model, session, time } from "../session.ts";
import { paint } from "../theme.ts";
import { contentTypeNames, contentTypes, count, moods, timesOfDay } from "../words.ts";
import { Cube } from "./cube.ts";
import { showEvents } from "./events.ts";
import { type History, history } from "./history.ts";
import { mountRights } from "./rights.ts";
import { sentences } from "./sentences.ts";
import { showTable } from "./table.ts";

/** Brings the page to life. */
export async function mount(root: HTMLElement): Promise<() => void> {
  const loop = await model();
  paint(session.mood);
  const knows = new Knows(root, loop);
  const stops = [mountRights(root, loop), knows.watch()];
  await knows.show();
  return () => {
    for (const stop of stops) {
      stop();
    }
    knows.end();
  };
}

class Knows {
  readonly #root: HTMLElement;
  readonly #loop: Moodloop;
  readonly #cube: Cube;
  #chart: { show(history: History): void; end(): void } | undefined;
  #shows = 0;

  constructor(root: HTMLElement, loop: Moodloop) {
    this.#root = root;
    this.#loop = loop;
    this.#cube = new Cube(find("#cube", HTMLElement, root), find("#cube-key", HTMLElement, root));
  }

  watch(): () => void {
    const form = find("#situation", HTMLFormElement, this.#root);
    const [mood, when, content] = [
      options(
        "#cube-mood",
        moods.map((name) => [name, name]),
        session.mood,
        form,
      ),
      options(
        "#cube-time",
        timesOfDay.map((name) => [name, name]),
        time(),
        form,
      ),
      options(
        "#cube-content",
        contentTypeNames.map((name) => [name, contentTypes[name].many]),
        session.content_type,
        form,
      ),
    ];
    const situation = (): void => {
      this.#cube.show(
        this.#loop.values({
          mood: mood.value as typeof session.mood,
          time_of_day: when.value as TimeOfDay,
          content_type: content.value as typeof session.content_type,
          ...(session.personality && { personality: session.personality }),
        }),
      );
    };
    form.addEventListener("change", situation);
    situation();
    return this.#loop.on("change", () => {
      situation();
      void this.show();
    });
  }

  async show(): Promise<void> {
    this.#shows += 1;
    const shows = this.#shows;
    const past = await history(this.#loop);
    if (shows !== this.#shows) {
      return;
    }
    const { answers, decisions } = past;
    find("#summary", HTMLElement, this.#root).textContent =
      answers.length === 0
        ? "Nothing yet: to it, every strategy is worth the same. Answer some picks and watch this page fill."
        : `${count(decisions, "decision")} and ${count(answers.length, "answered pick")}. Everything below is computed from them, here.`;
    this.#words(past);
    showTable(this.#root, this.#loop);
    showEvents(find("#events", HTMLElement, this.#root), this.#loop, past);
    await this.#draw(past, shows);
  }

  #words(past: History): void {
    const found = past.answers.length === 0 ? [] : sentences(this.#loop, past);
    const lines = found.length > 0 ? found : ["Nothing is sure enough to say yet."];
    find("#sentences", HTMLElement, this.#root).replaceChildren(
      ...lines.map((line) => html("li", {}, line)),
    );
  }

  async #draw(past: History, shows: number): Promise<void> {
    const place = find("#reward-chart", HTMLElement, this.#root);
    if (past.answers.length < 2) {
      this.#chart?.end();
      this.#chart = undefined;
      place.replaceChildren(
        html("p", { class: "empty" }, "The curve begins with your second answer."),
      );
      return;
    }
    const { RewardChart } = await import("./chart.ts");
    if (shows === this.#shows) {
      this.#chart ??= new RewardChart(place);
      this.#chart.show(past);
    }
  }

  end(): void {
    this.#shows += 1;
    this.#chart?.end();
  }
}

function options(
  selector: string,
  choices: readonly (readonly [string, string])[],
  chosen: string,
  root: ParentNode,
): HTMLSelectElement {
  const select = find(selector, HTMLSelectElement, root);
  select.replaceChildren(...choices.map(([value, word]) => html("option", { value }, word)));
  select.value = chosen;
  return select;
}
