import { type Mood, parameters, strategyFromParams } from "moodloop/slim";
import { find, html } from "../../dom.ts";
import { session, start, time } from "../../session.ts";
import { dimensions, inWords, levelsNamed, moods } from "../../words.ts";

/** Brings the picture to life. */
export async function mount(root: HTMLElement): Promise<() => void> {
  await start();
  const form = find("#dials", HTMLFormElement, root);
  for (const dimension of dimensions) {
    find(`#dial-${dimension.name}`, HTMLElement, form).replaceChildren(
      ...dimension.levels.map(({ name, word }, level) =>
        html(
          "label",
          {},
          html("input", { type: "radio", name: dimension.name, value: name, checked: level === 1 }),
          html("span", {}, word),
        ),
      ),
    );
  }
  const mood = find("#dial-mood", HTMLSelectElement, form);
  mood.replaceChildren(...moods.map((name) => html("option", { value: name }, name)));
  mood.value = session.mood;
  const sliders = (["openness", "extraversion"] as const).map((trait) => {
    const input = find(`#dial-${trait}`, HTMLInputElement, form);
    input.value = String(session.personality?.[trait] ?? 50);
    return { trait, input, output: find(`#${trait}-value`, HTMLOutputElement, form) };
  });
  const draw = (): void => {
    const data = new FormData(form);
    const strategy = dimensions.map(({ name }) => data.get(name)).join("_");
    const personality: Record<string, number> = {};
    for (const { trait, input, output } of sliders) {
      personality[trait] = input.valueAsNumber;
      output.value = input.value;
    }
    const context = {
      content_type: session.content_type,
      time_of_day: time(),
      mood: mood.value as Mood,
      personality,
    };
    const params = parameters(strategy, context);
    const share = Math.round(params.exploration_rate * 10);
    find("#picture", HTMLElement, root).replaceChildren(
      band("Energy", params.min_energy, params.max_energy, 1),
      band("Positivity", params.valence, params.valence, 1),
      band("Popularity", params.popularity_min, params.popularity_max, 100),
      dots("Genres", params.genre_count, 6, `${params.genre_count}`),
      dots("Surprises", share, 10, `${share} of 10 places`),
    );
    const back = strategyFromParams(params, context);
    find("#inverse", HTMLElement, root).textContent =
      `Turned back, these numbers give “${inWords(levelsNamed(back.strategy))}”${back.exact ? ", exactly" : ""}.`;
  };
  form.addEventListener("input", draw);
  form.addEventListener("submit", (event) => event.preventDefault());
  draw();
  return () => {};
}

function band(label: string, low: number, high: number, whole: number): HTMLElement {
  const line = html("span", { class: "scale-line", "aria-hidden": "true" });
  const percent = (value: number): number => (value / whole) * 100;
  line.style.setProperty("--from", `${percent(low)}%`);
  line.style.setProperty("--to", `${100 - percent(high)}%`);
  line.style.setProperty("--at", `${percent(low)}%`);
  const number = low === high ? String(low) : `${low} to ${high}`;
  return row(label, line, number, low === high ? "picture-row point" : "picture-row");
}

function dots(label: string, full: number, all: number, number: string): HTMLElement {
  const marks = Array.from({ length: all }, (_, at) =>
    html("span", { class: at < full ? "full" : undefined }),
  );
  return row(
    label,
    html("span", { class: "dots", "aria-hidden": "true" }, ...marks),
    number,
    "picture-row",
  );
}

function row(label: string, drawing: HTMLElement, number: string, kind: string): HTMLElement {
  return html(
    "div",
    { class: kind },
    html("span", { class: "picture-label" }, label),
    drawing,
    html("span", { class: "picture-number" }, number),
  );
}
