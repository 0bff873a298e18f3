// What tests of stored models do with the loop in a page.

import type { Page } from "@playwright/test";

/** Opens the model in the page and notes what it says about its storage. */
export function openLoop(page: Page, options: object = {}): Promise<void> {
  return page.evaluate(async (given) => {
    const { Moodloop } = window.moodloop;
    window.loop = await Moodloop.open({ name: "site", consent: "granted", ...given });
    window.loop.on("storage", ({ storage, reason }) => window.said.push(`${storage}: ${reason}`));
  }, options);
}

/** Decides and learns in the page; the ids of the decisions. */
export function like(page: Page, times: number): Promise<string[]> {
  return page.evaluate(async (count) => {
    const ids = [];
    for (let i = 0; i < count; i++) {
      const { decision_id } = window.loop.recommend({ content_type: "music", mood: "calm" });
      const done = await window.loop.feedback(decision_id, {
        interaction_type: "like",
        content_id: `c${i}`,
      });
      if (!done.stored) {
        throw new Error("a like was not stored");
      }
      ids.push(decision_id);
    }
    return ids;
  }, times);
}

/** Decides and learns once in the page; whether that was stored. */
export function liked(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const { decision_id } = window.loop.recommend({ content_type: "music" });
    return (await window.loop.feedback(decision_id, { interaction_type: "like" })).stored;
  });
}

/** How many interactions the model holds. */
export function counted(page: Page): Promise<number> {
  return page.evaluate(() =>
    window.loop.export("json").decisions.reduce((sum, one) => sum + one.interactions.length, 0),
  );
}

/** What is in the origin's storage. */
export function storage(page: Page): Promise<{ databases: string[]; rows: number; text: string }> {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name as string);
    let rows = 0;
    let text = "";
    for (const name of names) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of db.objectStoreNames) {
        const values = await new Promise<unknown[]>((resolve) => {
          const request = db.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve(request.result);
        });
        rows += values.length;
        text += values
          .map((value) =>
            value instanceof Uint8Array ? new TextDecoder().decode(value) : JSON.stringify(value),
          )
          .join("\n");
      }
      db.close();
    }
    return { databases: names, rows, text };
  });
}
