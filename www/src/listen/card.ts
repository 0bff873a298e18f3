import type { InteractionType, Item, Recommendation } from "moodloop";
import { html, svg } from "../dom.ts";
import { contentTypes, genreWord } from "../words.ts";
import { cover } from "./cover.ts";

/** What one can say to a pick, with the drawing of its button. */
export const answers: readonly { type: InteractionType; word: string; drawing: string }[] = [
  {
    type: "like",
    word: "Like",
    drawing:
      "M12 20S4 15 4 9.3C4 6.5 6 5 8 5c1.8 0 3.2 1 4 2.6C12.8 6 14.2 5 16 5c2 0 4 1.5 4 4.3C20 15 12 20 12 20z",
  },
  { type: "dislike", word: "Dislike", drawing: "M6 6l12 12M18 6L6 18" },
  { type: "skip", word: "Skip", drawing: "M6 5l8 7-8 7zM18 5v14" },
  { type: "complete", word: "Finish", drawing: "M5 12.5l4.5 4.5L19 7" },
  { type: "share", word: "Share", drawing: "M12 15V4M8 8l4-4 4 4M6 12v8h12v-8" },
];

/** A pick as it is shown, and how to show what was said to it. */
export interface Card {
  readonly element: HTMLElement;
  readonly item: Item;
  /** Shows what was said so far. */
  said(types: ReadonlySet<InteractionType>): void;
}

/** A scale with the band that the strategy asks for and the place of the item. */
function scale(
  label: string,
  ends: string,
  band: readonly [number, number],
  at: number,
): HTMLElement {
  const inside = at >= band[0] && at <= band[1];
  const line = html("span", { class: "scale-line", "aria-hidden": "true" });
  line.style.setProperty("--from", `${band[0]}%`);
  line.style.setProperty("--to", `${100 - band[1]}%`);
  line.style.setProperty("--at", `${at}%`);
  const told = `${at} of 100; asked for ${band[0]} to ${band[1]}`;
  return html(
    "div",
    { class: inside ? "scale" : "scale outside", title: `${label}: ${told}` },
    html("dt", {}, label),
    html("dd", {}, line, html("span", { class: "visually-hidden" }, `${ends}: ${told}`)),
  );
}

function host(url: string): string {
  try {
    return new URL(url, location.href).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
}

/** The card of a recommendation. */
export function card(
  item: Item,
  recommendation: Recommendation,
  answer: (type: InteractionType) => void,
): Card {
  const kind = contentTypes[item.content_type];
  const { rl_params, slot } = recommendation.metadata;
  const percent = (x: number): number => Math.round(x * 100);
  const title = `card-${item.id}`;
  const buttons = answers.map(({ type, word, drawing }) => {
    const button = html(
      "button",
      { type: "button", class: "answer", "data-answer": type, "aria-pressed": "false" },
      svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: drawing })),
      html("span", {}, word),
    );
    button.addEventListener("click", () => answer(type));
    return button;
  });
  const link =
    item.url === undefined
      ? undefined
      : html(
          "a",
          { class: "go", href: item.url, target: "_blank", rel: "noopener noreferrer" },
          `${kind.go} at ${host(item.url)}`,
          html("span", { class: "visually-hidden" }, `: ${item.title} (opens a new tab)`),
        );
  const genres = item.genres.slice(0, 3).map(genreWord).join(", ");
  const element = html(
    "li",
    { class: "card" },
    html(
      "article",
      { "aria-labelledby": title },
      cover(item),
      html(
        "div",
        { class: "card-text" },
        html("h3", { id: title }, item.title),
        html("p", { class: "card-by" }, item.creator ?? ""),
        html("p", { class: "card-genres" }, genres),
        html(
          "dl",
          { class: "scales" },
          scale(
            "Energy",
            "Energy",
            [percent(rl_params.min_energy), percent(rl_params.max_energy)],
            percent(item.energy),
          ),
          scale(
            "Renown",
            "Renown",
            [rl_params.popularity_min, rl_params.popularity_max],
            Math.round(item.popularity),
          ),
        ),
        html(
          "p",
          { class: "card-why" },
          html(
            "span",
            { class: "slot" },
            slot === "explore" ? "A try. " : `Fits ${recommendation.match_score} %. `,
          ),
          `${recommendation.reasoning}.`,
        ),
        link,
      ),
      html(
        "div",
        { class: "answers", role: "group", "aria-label": `Your answer to ${item.title}` },
        ...buttons,
      ),
    ),
  );
  return {
    element,
    item,
    said(types) {
      element.classList.toggle("answered", types.size > 0);
      for (const button of buttons) {
        const pressed = types.has(button.dataset.answer as InteractionType);
        button.setAttribute("aria-pressed", String(pressed));
      }
    },
  };
}
