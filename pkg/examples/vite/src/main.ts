import { type Decided, type Mood, Moodloop, type Recommendation } from "moodloop";
import { catalog } from "./catalog";

const moods: Mood[] = ["neutral", "relaxed", "happy", "energetic", "sad"];

function find<K extends keyof HTMLElementTagNameMap>(name: K): HTMLElementTagNameMap[K] {
  const found = document.querySelector(name);
  if (found === null) {
    throw new Error(`the page has no ${name}`);
  }
  return found;
}

const mood = find("select");
mood.append(...moods.map((name) => new Option(name, name)));

// Here the visitor was asked, and agreed; without consent nothing is stored.
const loop = await Moodloop.open({ name: "example-vite", consent: "granted" });
const index = await loop.catalog(catalog);

async function show(): Promise<void> {
  const pick = loop.recommend({ content_type: "music", mood: mood.value as Mood });
  const items = await loop.rank(index, pick, { limit: 3 });
  find("ol").replaceChildren(...items.map((item) => entry(item, pick)));
  const { total_state_actions } = loop.stats();
  find("p").textContent = `${total_state_actions} strategies rated; kept in ${loop.storage}.`;
}

function entry(item: Recommendation, { decision_id }: Decided): HTMLLIElement {
  const like = document.createElement("button");
  like.textContent = "Like";
  like.addEventListener("click", async () => {
    await loop.feedback(decision_id, { interaction_type: "like", content_id: item.id });
    await show();
  });
  const line = document.createElement("li");
  line.append(`${item.title}, ${item.artist}. ${item.reasoning} `, like);
  return line;
}

mood.addEventListener("change", show);
await show();
