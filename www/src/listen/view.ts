import {
  type ContentType,
  type Decided,
  type InteractionType,
  type Mood,
  type Moodloop,
  MoodloopError,
  type TimeOfDay,
} from "moodloop/slim";
import { Beliefs } from "../beliefs.ts";
import { announce, find, html } from "../dom.ts";
import { Memory } from "../memory.ts";
import { context, items, model, session, time } from "../session.ts";
import { paint } from "../theme.ts";
import { contentTypes, levelsOf, reward, signed } from "../words.ts";
import { mountAbout } from "./about.ts";
import { answers, type Card, card } from "./card.ts";
import { mountOwn } from "./own.ts";
import { showStrategy } from "./strategy.ts";

/** How many picks are shown at a time. */
const PICKS = 2;
/** Picks shown a short while ago do not come again. */
const RECENT = 12;

/** Brings the page to life. */
export async function mount(root: HTMLElement): Promise<() => void> {
  // Asked for at once, for both are needed for the first picks.
  const [loop] = await Promise.all([model(), items(session.content_type).catch(() => undefined)]);
  const listen = new Listen(root, loop);
  await listen.begin();
  return () => listen.end();
}

/** One card and what was said to it. */
interface Dealt {
  card: Card;
  said: Set<InteractionType>;
}

class Listen {
  readonly #root: HTMLElement;
  readonly #loop: Moodloop;
  readonly #beliefs: Beliefs;
  readonly #memory: Memory;
  readonly #stops: (() => void)[] = [];
  #pick: Decided | undefined;
  #dealt: Dealt[] = [];
  #recent: string[] = [];
  #deals = 0;

  constructor(root: HTMLElement, loop: Moodloop) {
    this.#root = root;
    this.#loop = loop;
    this.#beliefs = new Beliefs(find("#beliefs", HTMLElement, root));
    this.#memory = new Memory(root, loop);
  }

  /** Resolves when the first picks are there. */
  async begin(): Promise<void> {
    const form = find("#ask", HTMLFormElement, this.#root);
    choose(form, "mood", session.mood);
    choose(form, "content_type", session.content_type);
    find("#time", HTMLSelectElement, form).value = time();
    form.addEventListener("change", () => void this.#asked(new FormData(form)));
    form.addEventListener("submit", (event) => event.preventDefault());
    const next = find("#next", HTMLButtonElement, this.#root);
    const again = (): void => void this.#dealAndSay();
    next.addEventListener("click", again);
    onFirstOpening(find("#about", HTMLDetailsElement, this.#root), (body) =>
      mountAbout(body, again),
    );
    onFirstOpening(find("#own", HTMLDetailsElement, this.#root), (body) => mountOwn(body, again));
    this.#stops.push(
      this.#memory.watch(),
      this.#loop.on("change", () => this.#believe()),
    );
    paint(session.mood);
    await this.#deal();
    next.disabled = false;
    this.#believe();
  }

  end(): void {
    this.#deals += 1;
    for (const stop of this.#stops) {
      stop();
    }
  }

  async #asked(form: FormData): Promise<void> {
    const before = session.mood;
    session.mood = form.get("mood") as Mood;
    session.content_type = form.get("content_type") as ContentType;
    const chosen = form.get("time_of_day") as TimeOfDay;
    if (chosen !== time()) {
      session.time_of_day = chosen;
    }
    paint(session.mood);
    const told = session.mood === before ? "" : await this.#changedMood(before, session.mood);
    this.#believe();
    await this.#dealAndSay(told);
  }

  /** A mood that changed after something was finished is part of what that did; says so. */
  async #changedMood(mood_before: Mood, mood_after: Mood): Promise<string> {
    const told: string[] = [];
    const pick = this.#pick;
    const finished = this.#dealt.filter(({ said }) => said.has("complete"));
    for (const { card } of pick === undefined ? [] : finished) {
      const report = {
        interaction_type: "complete",
        content_id: card.item.id,
        completion_percentage: 100,
        mood_before,
        mood_after,
      } as const;
      const learned = await this.#loop.feedback(pick?.decision_id ?? "", report);
      const what = `From ${mood_before} to ${mood_after} after “${card.item.title}”`;
      told.push(`${what}: it now counts ${reward(learned.reward)}.`);
    }
    return told.join(" ");
  }

  /** Deals the next picks and tells a screen reader what came, after what there was to say. */
  async #dealAndSay(told = ""): Promise<void> {
    if (await this.#deal()) {
      const titles = this.#dealt.map(({ card }) => card.item.title).join(" and ");
      this.#note(told);
      announce(`${told} ${titles === "" ? "No picks." : `New picks: ${titles}.`}`.trim());
    }
  }

  /** Deals the next picks; `false` where they could not be chosen, or others are on their way. */
  async #deal(): Promise<boolean> {
    this.#deals += 1;
    const deal = this.#deals;
    const { content_type } = session;
    const before = this.#pick && levelsOf(this.#pick.action_index);
    try {
      const shelf = await items(content_type);
      if (deal !== this.#deals) {
        return false;
      }
      const pick = this.#loop.recommend(context());
      const exclude = this.#recent.slice(-Math.min(RECENT, Math.floor(shelf.length / 2)));
      const ranked = await this.#loop.rank(shelf, pick, { limit: PICKS, exclude });
      if (deal !== this.#deals) {
        return false;
      }
      this.#pick = pick;
      showStrategy(this.#root, this.#loop, pick, before);
      const known = new Map(shelf.map((item) => [item.id, item]));
      this.#dealt = ranked.flatMap((recommendation) => {
        const item = known.get(recommendation.id);
        if (item === undefined) {
          return [];
        }
        const answer = (type: InteractionType): void => void this.#answer(dealt, type);
        const dealt: Dealt = { card: card(item, recommendation, answer), said: new Set() };
        return [dealt];
      });
      this.#recent = [...this.#recent, ...ranked.map(({ id }) => id)].slice(-RECENT);
      const shown = this.#dealt.map(({ card }) => card.element);
      find("#cards", HTMLElement, this.#root).replaceChildren(
        ...(shown.length > 0 ? shown : [empty(content_type)]),
      );
      return true;
    } catch (error) {
      if (deal === this.#deals) {
        this.#failed(error);
      }
      return false;
    }
  }

  #failed(error: unknown): void {
    const why =
      error instanceof MoodloopError
        ? `It could not choose: ${error.message}`
        : "The catalog could not be loaded. Is the network there?";
    const again = html("button", { type: "button", class: "button" }, "Try again");
    again.addEventListener("click", () => void this.#dealAndSay());
    announce(why);
    find("#strategy-words", HTMLElement, this.#root).textContent = "Nothing could be chosen";
    find("#strategy-why", HTMLElement, this.#root).textContent = "";
    find("#cards", HTMLElement, this.#root).replaceChildren(
      html("li", { class: "card message" }, html("p", {}, why), again),
    );
  }

  async #answer(dealt: Dealt, type: InteractionType): Promise<void> {
    const pick = this.#pick;
    const { item } = dealt.card;
    if (pick === undefined || dealt.said.has(type)) {
      return;
    }
    if (type === "share" && !(await this.#share(item.title, item.url))) {
      return;
    }
    const expected = (): number => this.#loop.values(context()).mean[pick.action_index] ?? 0;
    const before = expected();
    const opposite = ({ like: "dislike", dislike: "like" } as const)[type as "like" | "dislike"];
    dealt.said.delete(opposite);
    dealt.said.add(type);
    dealt.card.said(dealt.said);
    const learned = await this.#loop.feedback(pick.decision_id, {
      interaction_type: type,
      content_id: item.id,
      ...(type === "complete" && { completion_percentage: 100 }),
    });
    const word = answers.find((answer) => answer.type === type)?.word ?? type;
    const change = this.#loop.profiling
      ? ` This strategy is now expected to earn ${signed(expected())} here, before ${signed(before)}.`
      : " Profiling is off: nothing was learned from it.";
    this.#note(`${word}: “${item.title}” counts ${reward(learned.reward)}.${change}`);
    find("#next", HTMLElement, this.#root).classList.add("ready");
  }

  /** Hands an address over; `false` where the visitor thought better of it. */
  async #share(title: string, url: string | undefined): Promise<boolean> {
    const address = new URL(url ?? location.href, location.href).href;
    try {
      if (navigator.share !== undefined) {
        await navigator.share({ title, url: address });
      } else {
        await navigator.clipboard.writeText(address);
      }
      return true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") {
        return false;
      }
      this.#note(`This browser does not share; the address is ${address}`);
      return false;
    }
  }

  #note(text: string): void {
    find("#noted", HTMLElement, this.#root).textContent = text;
    if (text !== "") {
      announce(text);
    } else {
      find("#next", HTMLElement, this.#root).classList.remove("ready");
    }
  }

  #believe(): void {
    this.#beliefs.show(this.#loop.values(context()));
    this.#memory.show();
  }
}

/** Fills a fold when it is opened for the first time. */
function onFirstOpening(fold: HTMLDetailsElement, fill: (body: HTMLElement) => void): void {
  fold.addEventListener("toggle", () => fill(find("div", HTMLElement, fold)), { once: true });
}

function choose(form: HTMLFormElement, name: string, value: string): void {
  const group = form.elements.namedItem(name);
  if (group instanceof RadioNodeList) {
    group.value = value;
  }
}

function empty(content_type: ContentType): HTMLElement {
  return html(
    "li",
    { class: "card message" },
    html("p", {}, `Nothing is left to recommend in ${contentTypes[content_type].many}.`),
  );
}
