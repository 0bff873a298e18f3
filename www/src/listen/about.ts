import type { Personality } from "moodloop";
import { html } from "../dom.ts";
import { keep, session } from "../session.ts";
import { type Answer, questions, scores } from "./questions.ts";

type Trait = keyof Personality;

const traits: readonly { trait: Trait; label: string; low: string; high: string }[] = [
  { trait: "openness", label: "Openness", low: "down to earth", high: "curious" },
  { trait: "conscientiousness", label: "Conscientiousness", low: "easy-going", high: "orderly" },
  { trait: "extraversion", label: "Extraversion", low: "quiet", high: "outgoing" },
  { trait: "agreeableness", label: "Agreeableness", low: "frank", high: "kind" },
  { trait: "neuroticism", label: "Neuroticism", low: "steady", high: "sensitive" },
];

const NEUTRAL = 50;

/** Five sliders, or ten questions that set them. `changed` is called when the visitor is done. */
export function mountAbout(root: HTMLElement, changed: () => void): void {
  const sliders = traits.map(({ trait, label, low, high }) => {
    const input = html("input", {
      type: "range",
      min: 0,
      max: 100,
      value: session.personality?.[trait] ?? NEUTRAL,
      id: `trait-${trait}`,
    });
    const number = html("output", { for: input.id }, input.value);
    input.addEventListener("input", () => {
      number.value = input.value;
    });
    input.addEventListener("change", () => void save());
    const row = html(
      "div",
      { class: "trait" },
      html("label", { for: input.id }, label),
      number,
      input,
      html(
        "span",
        { class: "ends", "aria-hidden": "true" },
        html("span", {}, low),
        html("span", {}, high),
      ),
    );
    const set = (value: number): void => {
      input.value = String(value);
      number.value = input.value;
    };
    return { trait, row, set, value: () => input.valueAsNumber };
  });

  const save = async (): Promise<void> => {
    session.personality = Object.fromEntries(sliders.map(({ trait, value }) => [trait, value()]));
    await keep();
    changed();
  };

  const reset = html("button", { type: "button", class: "button quiet" }, "Leave me out");
  reset.addEventListener("click", () => {
    for (const { set } of sliders) {
      set(NEUTRAL);
    }
    delete session.personality;
    void keep().then(changed);
  });

  const answered = (answers: readonly Answer[]): void => {
    const told = scores(answers);
    for (const { trait, set } of sliders) {
      set(told[trait] ?? NEUTRAL);
    }
    void save();
  };

  root.replaceChildren(
    html(
      "p",
      { class: "hint" },
      "Personality only gives it a head start: a handful of your answers outweighs it. Held like everything else, on this device.",
    ),
    ...sliders.map(({ row }) => row),
    reset,
    questionnaire(answered),
  );
}

const words = ["not at all", "hardly", "partly", "mostly", "exactly"];

function questionnaire(answered: (answers: readonly Answer[]) => void): HTMLElement {
  const form = html("form", { class: "questions" });
  form.append(
    html("p", { class: "hint" }, "How well does each describe you?"),
    ...questions.map(({ text }, at) =>
      html(
        "fieldset",
        {},
        html("legend", {}, `${at + 1}. ${text}`),
        html(
          "div",
          { class: "five" },
          ...words.map((word, value) =>
            html(
              "label",
              { title: word },
              html("input", { type: "radio", name: `q${at}`, value, required: true }),
              html("span", {}, word),
            ),
          ),
        ),
      ),
    ),
    html("button", { class: "button" }, "Set the sliders"),
    html(
      "p",
      { class: "hint" },
      "Ten statements of the International Personality Item Pool, which is in the public domain. Ten say little: take the result as a sketch.",
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    answered(
      questions.map(({ trait, reversed }, at) => ({
        trait,
        reversed,
        value: Number(data.get(`q${at}`)),
      })),
    );
    details.open = false;
  });
  const details = html(
    "details",
    { class: "fold inner" },
    html("summary", {}, "Ten questions instead"),
    form,
  );
  return details;
}
