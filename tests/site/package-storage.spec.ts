// What a browser does to a model: reload, restart, offline, consent, erasing, a full disk.

import type { Page } from "@playwright/test";
import { counted, like, liked, openLoop, storage } from "./package-loop.ts";
import { expect, fingerprint, open, test } from "./package-page.ts";

test("a model survives a reload", async ({ tab, address }) => {
  const page = await tab();
  await openLoop(page);
  const ids = await like(page, 5);
  const before = await page.evaluate(() => window.loop.stats());
  await open(page, address);
  await openLoop(page);
  expect(await page.evaluate(() => window.loop.storage)).toBe("indexeddb");
  expect(await page.evaluate(() => window.loop.stats())).toEqual(before);
  const [first = ""] = ids;
  expect(await page.evaluate((id) => window.loop.explain(id).decision_id, first)).toBe(first);
});

test("a model survives folding and a reload, and counts nothing twice", async ({
  tab,
  address,
}) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 10);
  await page.evaluate(() => window.loop.fold());
  await like(page, 3);
  await page.evaluate(() => window.loop.fold());
  const bytes = await fingerprint(page);
  const { rows } = await storage(page);
  expect(rows).toBe(2);
  await open(page, address);
  await openLoop(page);
  expect(await counted(page)).toBe(13);
  expect(await fingerprint(page)).toBe(bytes);
});

test("a model survives a restart of the browser", async ({ restart, address }) => {
  const first = await (await restart()).newPage();
  await open(first, address);
  await openLoop(first);
  await like(first, 4);
  const second = await (await restart()).newPage();
  await open(second, address);
  await openLoop(second);
  expect(await counted(second)).toBe(4);
});

test("the loop works with the network off", async ({ tab, context }) => {
  const page = await tab();
  await context.setOffline(true);
  await openLoop(page);
  await like(page, 3);
  expect(await counted(page)).toBe(3);
  await context.setOffline(false);
});

test("nothing is stored before consent, and granting it stores what memory holds", async ({
  tab,
  address,
}) => {
  const page = await tab();
  await openLoop(page, { consent: "denied" });
  expect(await liked(page)).toBe(false);
  expect((await storage(page)).databases).toEqual([]);
  await page.evaluate(() => {
    window.loop.consent = "granted";
  });
  await page.waitForFunction(() => window.loop.storage === "indexeddb");
  await page.evaluate(() => window.loop.close());
  await open(page, address);
  await openLoop(page);
  expect(await counted(page)).toBe(1);
});

test("what memory holds is called stored when it is on disk, and not before", async ({ tab }) => {
  const page = await tab();
  await openLoop(page, { consent: "denied" });
  await page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...given) {
      const tx = transaction.apply(this, given);
      if (tx.mode === "readwrite") {
        tx.addEventListener("complete", () => window.said.push("on disk"));
      }
      return tx;
    };
    window.loop.recommend({ content_type: "music" });
    window.loop.consent = "granted";
  });
  await page.waitForFunction(() => window.loop.storage === "indexeddb");
  expect(await page.evaluate(() => window.said)).toEqual(["on disk", "indexeddb: stored"]);
});

test("withdrawing consent removes what is stored and goes on in memory", async ({ tab }) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 3);
  await page.evaluate(async () => {
    window.loop.consent = "denied";
    await window.loop.fold();
  });
  expect((await storage(page)).databases).toEqual([]);
  expect(await counted(page)).toBe(3);
  expect(await page.evaluate(() => window.said)).toEqual(["memory: consent"]);
  await page.evaluate(async () => {
    window.loop.consent = "granted";
    await window.loop.fold();
  });
  expect(await page.evaluate(() => window.loop.storage)).toBe("indexeddb");
  expect(await counted(page)).toBe(3);
});

test("forgetting leaves no byte of a decision", async ({ tab }) => {
  const page = await tab();
  await openLoop(page);
  const [kept, gone, later] = await like(page, 3);
  await page.evaluate(() => window.loop.fold());
  expect((await storage(page)).text).toContain(gone);
  expect(await page.evaluate((id) => window.loop.forget(id), gone as string)).toBe(true);
  const { text } = await storage(page);
  expect(text).not.toContain(gone);
  expect(text).toContain(kept);
  expect(text).toContain(later);
  expect(await counted(page)).toBe(2);
});

test("erasing leaves no byte at all, and the loop goes on as a new one", async ({ tab }) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 3);
  await page.evaluate(() => window.loop.fold());
  await page.evaluate(() => window.loop.erase());
  expect((await storage(page)).databases).toEqual([]);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  expect(await counted(page)).toBe(0);
  await like(page, 1);
  expect((await storage(page)).databases).toEqual(["moodloop:site"]);
});

test("a full disk: goes on in memory, says so, and stores it all later", async ({
  tab,
  address,
}) => {
  const page = await tab();
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(address);
  // Before the first write: Chromium remembers for a while that there was room.
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
  await openLoop(page);
  expect(await liked(page)).toBe(false);
  expect(await page.evaluate(() => window.loop.storage)).toBe("memory");
  expect(await page.evaluate(() => window.said)).toEqual(["memory: full"]);
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  await like(page, 1);
  expect(await page.evaluate(() => window.said)).toEqual(["memory: full", "indexeddb: stored"]);
  await open(page, address);
  await openLoop(page);
  expect(await counted(page)).toBe(2);
});

test("storage that the browser denies: memory, and no error", async ({ tab }) => {
  const page = await tab();
  await page.evaluate(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("denied", "SecurityError");
    };
  });
  await openLoop(page);
  expect(await page.evaluate(() => window.loop.storage)).toBe("memory");
  const learned = await page.evaluate(async () => {
    const { decision_id } = window.loop.recommend({ content_type: "music" });
    return window.loop.feedback(decision_id, { interaction_type: "like" });
  });
  expect(learned).toMatchObject({ reward: 1, stored: false });
});

test("an opening that fails once: the next write finds the model again", async ({ tab }) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 2);
  await page.evaluate(async () => {
    await window.loop.close();
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = () => {
      IDBFactory.prototype.open = open;
      throw new DOMException("the backing store is locked", "UnknownError");
    };
  });
  await openLoop(page);
  expect(await page.evaluate(() => window.loop.storageReason)).toBe("unavailable");
  expect(await counted(page)).toBe(0);
  await like(page, 1);
  expect(await counted(page)).toBe(3);
  expect(await page.evaluate(() => window.said)).toEqual(["indexeddb: stored"]);
});

/** Takes what this origin stored away, as a browser does that is short of space. */
async function evict(page: Page, address: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(address);
  await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
}

/** Breaks off the transaction in which an object store is asked for this next. */
function breakOff(page: Page, method: "count" | "get"): Promise<void> {
  return page.evaluate((name) => {
    const { [name]: ask } = IDBObjectStore.prototype;
    IDBObjectStore.prototype[name] = function (query: IDBValidKey) {
      IDBObjectStore.prototype[name] = ask;
      const request = ask.call(this, query);
      this.transaction.abort();
      return request;
    };
  }, method);
}

test("storage that was evicted: starts anew without an error", async ({ tab, address }) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 2);
  await evict(page, address);
  await open(page, address);
  await openLoop(page);
  expect(await counted(page)).toBe(0);
  await like(page, 1);
  expect(await counted(page)).toBe(1);
});

test("storage that is evicted under an open page: what went with it is not called stored", async ({
  tab,
  address,
}) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 2);
  await evict(page, address);
  expect(await liked(page)).toBe(false);
  // While the browser is still at it, the storage may be away and not yet empty.
  await expect.poll(() => liked(page)).toBe(true);
  const said = await page.evaluate(() => window.said);
  expect(said.filter((one) => one === "indexeddb: evicted")).toHaveLength(1);
  expect(said.at(-1)).toBe("indexeddb: stored");
  await open(page, address);
  await openLoop(page);
  expect(await counted(page)).toBe(1);
});

test("a transaction that the browser breaks off: nothing is lost, nothing an error of the page", async ({
  tab,
  address,
}) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 1);
  await breakOff(page, "count");
  expect(await liked(page)).toBe(false);
  await like(page, 1);
  await breakOff(page, "get");
  const folded = await page.evaluate(() => window.loop.fold().catch(({ code }) => code));
  expect(folded).toBe("unavailable");
  await like(page, 1);
  await open(page, address);
  await openLoop(page);
  expect(await counted(page)).toBe(4);
});

test("a snapshot that cannot be read: starts anew, says so, and keeps newer events", async ({
  tab,
  address,
}) => {
  const page = await tab();
  await openLoop(page);
  await like(page, 2);
  await page.evaluate(() => window.loop.fold());
  await like(page, 1);
  await page.evaluate(async () => {
    await window.loop.close();
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open("moodloop:site");
      request.onsuccess = () => resolve(request.result);
    });
    const tx = db.transaction("snapshot", "readwrite");
    tx.objectStore("snapshot").put(new Uint8Array([1, 2, 3]), "snapshot");
    await new Promise((resolve) => {
      tx.oncomplete = resolve;
    });
    db.close();
  });
  await open(page, address);
  await openLoop(page);
  expect(await counted(page)).toBe(1);
  await like(page, 1);
  await page.evaluate(() => window.loop.fold());
  expect(await counted(page)).toBe(2);
});

test("other options: the model is made again from its log", async ({ tab, address }) => {
  const page = await tab();
  await openLoop(page);
  const [id] = await like(page, 2);
  await page.evaluate(() => window.loop.fold());
  await open(page, address);
  await openLoop(page, { extras: { day_type: ["weekday", "weekend"] }, reward: { like: 2 } });
  expect(await counted(page)).toBe(2);
  const decided = await page.evaluate((known) => {
    const { decision_id } = window.loop.recommend({
      content_type: "music",
      extras: { day_type: "weekend" },
    });
    return [window.loop.explain(decision_id).decision_id, window.loop.explain(known).decision_id];
  }, id as string);
  expect(decided[1]).toBe(id);
});

test("a model that the previous version stored is taken over, log and snapshot", async ({
  tab,
  address,
}) => {
  const page = await tab();
  // What the schema of version 1 held: a snapshot in format 1 of four decisions, and one event more.
  const exported = await page.evaluate(async () => {
    const file = await fetch("/tests/fixtures/model_v1.bin.gz");
    const unpacked = file.body?.pipeThrough(new DecompressionStream("gzip"));
    const snapshot = new Uint8Array(await new Response(unpacked).arrayBuffer());
    const request = indexedDB.open("moodloop:site", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("events", { autoIncrement: true });
      request.result.createObjectStore("head");
      request.result.createObjectStore("snapshot");
    };
    const db = await new Promise<IDBDatabase>((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
    const tx = db.transaction(["events", "head", "snapshot"], "readwrite");
    const said = { decision_id: "d1", interaction_id: "late", at: 1_790_000_000_000 };
    tx.objectStore("events").add({ interaction: { ...said, interaction_type: "share" } });
    const head = { revision: 3, watermark: 0, options: '{"seed":7}', folded_at: Date.now() };
    tx.objectStore("head").put(head, "head");
    tx.objectStore("snapshot").put(snapshot, "snapshot");
    await new Promise((resolve) => {
      tx.oncomplete = resolve;
    });
    db.close();
    return (await fetch("/tests/fixtures/model_v1.json")).json();
  });
  expect(exported.decisions.length).toBe(4);
  await openLoop(page, { seed: 7 });
  expect(await page.evaluate(() => window.loop.storage)).toBe("indexeddb");
  const held = await page.evaluate(() => window.loop.export("json").decisions);
  const others = (decisions: { decision: { decision_id: string } }[]) =>
    decisions.filter(({ decision }) => decision.decision_id !== "d1");
  expect(others(held)).toEqual(others(exported.decisions));
  expect(await counted(page)).toBe(5);
  await like(page, 1);
  await page.evaluate(() => window.loop.fold());
  await open(page, address);
  await openLoop(page, { seed: 7 });
  expect(await counted(page)).toBe(6);
});
