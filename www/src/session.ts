import {
  type ContentType,
  type Item,
  init,
  type Mood,
  Moodloop,
  type Personality,
  type TimeOfDay,
  timeOfDay,
} from "moodloop/slim";
import { catalog, core } from "moodloop/url";

/** What the visitor said in this visit. Nothing of it is stored without consent. */
export interface Session {
  mood: Mood;
  content_type: ContentType;
  /** As the clock says when absent. */
  time_of_day?: TimeOfDay;
  personality?: Personality;
  /** The visitor's own catalog; the demo's when absent. */
  own?: Item[];
}

/** Only where consent was given: that it was, and what the visitor told about themselves. */
const KEY = "moodloop-site";
const OWN = "moodloop-own-catalog";

interface Kept {
  personality?: Personality;
  profiling: boolean;
}

function kept(): Kept | undefined {
  try {
    const text = localStorage.getItem(KEY);
    return text === null ? undefined : (JSON.parse(text) as Kept);
  } catch {
    // Refused by the browser, or not ours: as if there were nothing.
    return undefined;
  }
}

/** What is known in this visit, shared by all pages. */
export const session: Session = { mood: "neutral", content_type: "music" };

let starting: Promise<void> | undefined;

/**
 * Starts the package, once: its wasm is compiled while it still arrives. Nothing of the package may
 * be called before.
 */
export function start(): Promise<void> {
  starting ??= init(core, catalog);
  return starting;
}

let opening: Promise<Moodloop> | undefined;

/** The visitor's model. */
export function model(): Promise<Moodloop> {
  opening ??= open();
  return opening;
}

async function open(): Promise<Moodloop> {
  await start();
  const before = kept();
  if (before?.personality !== undefined) {
    session.personality = before.personality;
  }
  if (before !== undefined) {
    const own = await readOwn();
    if (own !== undefined) {
      session.own = own;
    }
  }
  return Moodloop.open({
    name: "site",
    consent: before === undefined ? "denied" : "granted",
    profiling: before?.profiling ?? true,
  });
}

/** Stores what may be stored, or removes it where there is no consent. */
export async function keep(): Promise<void> {
  const loop = await model();
  try {
    if (loop.consent === "granted") {
      const { personality } = session;
      const now: Kept = { profiling: loop.profiling, ...(personality && { personality }) };
      localStorage.setItem(KEY, JSON.stringify(now));
      if (session.own !== undefined) {
        const cache = await caches.open(OWN);
        await cache.put("/own-catalog", new Response(JSON.stringify(session.own)));
        return;
      }
    } else {
      localStorage.removeItem(KEY);
    }
    await caches.delete(OWN);
  } catch (error) {
    // Storage refused or full: the visit goes on in memory, as the page says.
    console.info(error);
  }
}

async function readOwn(): Promise<Item[] | undefined> {
  try {
    const answer = await caches.match("/own-catalog", { cacheName: OWN });
    return answer && ((await answer.json()) as Item[]);
  } catch {
    return undefined;
  }
}

/** The part of the day that counts. */
export function time(): TimeOfDay {
  return session.time_of_day ?? timeOfDay(new Date().getHours());
}

/** The present context, as the model is asked. */
export function context(): {
  content_type: ContentType;
  mood: Mood;
  time_of_day: TimeOfDay;
  personality?: Personality;
} {
  const { content_type, mood, personality } = session;
  return { content_type, mood, time_of_day: time(), ...(personality && { personality }) };
}

const shelves = new Map<ContentType, Promise<Item[]>>();

/** The demo's items of one kind, loaded once; a failed load is tried again. */
export function shelf(content_type: ContentType): Promise<Item[]> {
  let items = shelves.get(content_type);
  if (items === undefined) {
    items = load(content_type);
    shelves.set(content_type, items);
    items.catch(() => shelves.delete(content_type));
  }
  return items;
}

async function load(content_type: ContentType): Promise<Item[]> {
  const answer = await fetch(`/catalog/${content_type}.json`);
  if (!answer.ok) {
    throw new Error(`the catalog answered ${answer.status}`);
  }
  return (await answer.json()) as Item[];
}

/** The items to recommend from: the visitor's own where they brought some of this kind. */
export async function items(content_type: ContentType): Promise<Item[]> {
  const own = session.own?.filter((item) => item.content_type === content_type);
  return own !== undefined && own.length > 0 ? own : shelf(content_type);
}

/** Lets go of the model when the page goes. */
export async function letGo(): Promise<void> {
  await (await opening)?.close();
}
