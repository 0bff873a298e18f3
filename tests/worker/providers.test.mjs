// Items from Spotify and YouTube, as their documentation describes them: asked rightly, asked no
// more than they allow, and replaced by the catalog whenever they fail.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "./harness.mjs";
import { CLIENT, KEY, Upstream, wrong } from "./upstream.mjs";

let upstream;
let service;
let vars;
before(async () => {
  upstream = await Upstream.start();
  vars = upstream.vars();
  service = await start({ vars });
});
after(async () => {
  await service.stop();
  await upstream.stop();
});
beforeEach(async () => {
  await service.reset();
  upstream.asked = [];
  upstream.instead = () => undefined;
  upstream.popularity = null;
  // Everybody on the baseline: the same person gets the same strategy every time.
  await service.admin("PUT", "experiment", {
    name: "providers",
    agent_per_mille: 0,
    holdout_per_mille: 0,
  });
});

const CALM = "mood=relaxed&time_of_day=evening&openness=45&extraversion=20&limit=5";
const music = (user = "ann", query = CALM) => service.recommend(user, query);
const video = (user = "ann", query = CALM) => service.recommend(user, query, "video");
const limit = async (provider) =>
  (await service.rows("SELECT * FROM provider_limits WHERE provider = ?", provider))[0];
const reopen = () => service.rows("UPDATE provider_limits SET closed_until = 0");
const only = (path, answer) => {
  upstream.instead = (request) => (request.path === path ? answer() : undefined);
};

async function assertCatalog({ status, json }) {
  assert.equal(status, 200);
  assert.equal(json.metadata.provider, "catalog");
  assert.equal(json.recommendations.length, 5);
  assert.deepEqual(json.metadata.honoured, ["energy", "diversity", "novelty"]);
  const [row] = await service.rows(
    "SELECT executed FROM decisions WHERE decision_id = ?",
    json.decision_id,
  );
  assert.equal(row.executed, 1);
}

test("music by Spotify's search, one for each genre, and what it did not honour teaches nothing", async () => {
  const { status, json } = await music();
  assert.equal(status, 200);
  const { honoured, provider, rl_params } = json.metadata;
  assert.equal(provider, "spotify");
  assert.deepEqual(honoured, ["diversity"], "no energy, and no popularity stated");
  assert.equal(json.recommendations.length, 5);
  for (const item of json.recommendations) {
    assert.match(item.spotify_url, /^https:\/\/open\.spotify\.com\/track\//);
    assert.equal(item.url, item.spotify_url);
    assert.ok(item.title && item.artist && item.genre && item.thumbnail);
    assert.ok(!item.reasoning.includes("energy"), item.reasoning);
  }
  const searches = upstream.take("/v1/search");
  assert.equal(searches.length, rl_params.genre_count);
  for (const { query, headers } of searches) {
    assert.match(query.q, /^genre:"[a-z -]+"$/);
    assert.deepEqual([query.type, query.limit], ["track", "10"]);
    assert.match(headers.authorization, /^Bearer token-\d+-of-spotify$/);
  }
  const liked = await service.interact("ann", {
    content_type: "music",
    content_id: json.recommendations[0].id,
    interaction_type: "like",
  });
  assert.equal(liked.json.decision_id, json.decision_id);
  assert.deepEqual(await service.rows("SELECT * FROM pairs"), []);
});

test("novelty is honoured where every pick states a popularity in the band", async () => {
  upstream.popularity = 50;
  assert.deepEqual((await music()).json.metadata.honoured, ["diversity", "novelty"]);
});

test("a token is kept until it runs out, replaced once when it is refused, and shared", async () => {
  await music();
  upstream.asked = [];
  await music("bob");
  assert.equal(upstream.take("/api/token").length, 0);
  upstream.tokens.clear();
  const { json } = await music();
  assert.equal(json.metadata.provider, "spotify");
  assert.equal(upstream.take("/api/token").length, 1);
  const namespace = await service.miniflare.getKVNamespace("POLICY");
  const { keys } = await namespace.list({ prefix: "provider/spotify/token/" });
  assert.equal(keys.length, 1);
  assert.ok(keys[0].expiration < Date.now() / 1000 + 3600, "gone before the token is");
  assert.ok(!keys[0].name.includes(CLIENT.id) && !keys[0].name.includes(CLIENT.secret));
  // Another isolate finds the new one in KV.
  const second = await start({ vars, persist: service.persist, catalog: [] });
  try {
    upstream.asked = [];
    const there = await second.recommend("bob", CALM);
    assert.equal(there.json.metadata.provider, "spotify");
    assert.equal(upstream.take("/api/token").length, 0);
  } finally {
    await second.miniflare.dispose();
  }
});

test("credentials that are refused close Spotify until an operator looks", async () => {
  only("/v1/search", wrong.expired);
  await assertCatalog(await music());
  assert.equal(upstream.take("/api/token").length, 1, "refreshed once, not for ever");
  assert.equal((await limit("spotify")).reason, "unauthorized");
  await assertCatalog(await music());
  assert.equal(upstream.asked.length, 0, "not asked again");
  const health = (await service.admin("GET", "system/health")).json;
  assert.equal(health.status, "red");
  assert.match(health.problems.join(), /spotify does not accept this deployment's credentials/);
});

test("a rate limit ends when it says; a spent quota is another thing", async () => {
  only("/v1/search", () => wrong.rateLimited(45));
  const before = Date.now();
  await assertCatalog(await music());
  let { closed_until, reason } = await limit("spotify");
  assert.equal(reason, "rate_limited");
  assert.ok(closed_until >= before + 45_000 && closed_until <= Date.now() + 45_000);
  upstream.asked = [];
  upstream.instead = () => undefined;
  await assertCatalog(await music());
  assert.equal(upstream.asked.length, 0, "not asked before its time");
  await reopen();
  assert.equal((await music()).json.metadata.provider, "spotify");

  only("/v1/search", wrong.spotifyQuota);
  await assertCatalog(await music());
  ({ closed_until, reason } = await limit("spotify"));
  assert.equal(reason, "quota_exceeded");
  assert.ok(closed_until > Date.now() + 45 * 60_000, "waiting seconds does not cure it");
  const health = (await service.admin("GET", "system/health")).json;
  assert.equal(health.status, "green", "the catalog serves; nothing is broken");
  const [{ closed_until: until, ...shown }] = health.providers;
  assert.equal(until, new Date(closed_until).toISOString());
  assert.deepEqual(shown, {
    provider: "spotify",
    reason: "quota_exceeded",
    day: null,
    searches: 0,
  });
});

test("a passing failure is asked again; a lasting one is not asked for ever", async () => {
  const failed = new Set();
  upstream.instead = ({ path, query }) => {
    if (path !== "/v1/search" || failed.has(query.q)) return undefined;
    failed.add(query.q);
    return wrong.broken();
  };
  assert.equal((await music()).json.metadata.provider, "spotify");
  assert.equal(await limit("spotify"), undefined);

  only("/v1/search", wrong.broken);
  upstream.asked = [];
  const answer = await music();
  await assertCatalog(answer);
  const searches = upstream.take("/v1/search").length;
  assert.ok(searches <= 3 * answer.json.metadata.rl_params.genre_count, `${searches} searches`);
  assert.equal((await limit("spotify")).reason, "unavailable");
});

test("a genre that fails leaves the others, and is not claimed", async () => {
  let first;
  upstream.instead = ({ path, query }) => {
    if (path !== "/v1/search") return undefined;
    first ??= query.q;
    return query.q === first ? wrong.forbidden() : undefined;
  };
  const { json } = await music();
  assert.equal(json.metadata.provider, "spotify");
  assert.ok(!json.metadata.honoured.includes("diversity"));
  assert.equal((await limit("spotify")).reason, "closed");
});

for (const kind of ["truncated", "otherShape", "oversized"]) {
  test(`an answer that is no answer (${kind}) ends in the catalog`, async () => {
    upstream.instead = ({ path }) => (path === "/api/token" ? undefined : wrong[kind]());
    await assertCatalog(await music());
    assert.equal((await limit("spotify")).reason, "unavailable");
    await assertCatalog(await video());
    assert.equal((await limit("youtube")).reason, "unavailable");
  });
}

test("a provider that does not answer in time ends in the catalog, and is left in peace", async () => {
  const hasty = { ...vars, PROVIDER_PATIENCE_MS: "300" };
  const impatient = await start({ vars: hasty });
  try {
    upstream.instead = wrong.silence;
    for (const [type, provider] of [
      ["music", "spotify"],
      ["video", "youtube"],
    ]) {
      const { status, json } = await impatient.recommend("ann", CALM, type);
      assert.deepEqual([status, json.metadata.provider], [200, "catalog"]);
      const [{ reason }] = await impatient.rows(
        "SELECT reason FROM provider_limits WHERE provider = ?",
        provider,
      );
      assert.equal(reason, "unavailable");
      upstream.asked = [];
      await impatient.recommend("ann", CALM, type);
      assert.equal(upstream.asked.length, 0);
    }
  } finally {
    await impatient.stop();
  }
});

test("a redirect is not followed: it would carry the key away", async () => {
  upstream.instead = ({ path }) =>
    path === "/elsewhere" || path === "/api/token"
      ? undefined
      : wrong.elsewhere(`${upstream.origin}/elsewhere`);
  await assertCatalog(await music());
  await assertCatalog(await video());
  assert.equal(upstream.take("/elsewhere").length, 0);
});

test("no results are no failure", async () => {
  upstream.instead = ({ path }) => (path === "/api/token" ? undefined : wrong.empty());
  await assertCatalog(await music());
  assert.equal(await limit("spotify"), undefined);
});

test("the guide's recommendations call, where the app has it, is executed in full and trained on", async () => {
  const guide = await start({ vars: { ...vars, MUSIC_PROVIDER: "spotify_recommendations" } });
  try {
    const query = "mood=relaxed&time_of_day=evening&openness=75&extraversion=40&limit=5";
    const { json } = await guide.recommend("ann", query);
    const { provider, honoured, rl_params } = json.metadata;
    assert.equal(provider, "spotify");
    assert.deepEqual(honoured, ["energy", "diversity", "novelty"]);
    const [{ query: sent }] = upstream.take("/v1/recommendations");
    assert.deepEqual(Object.keys(sent).sort(), [
      "limit",
      "max_energy",
      "max_popularity",
      "min_energy",
      "min_popularity",
      "seed_genres",
      "target_acousticness",
      "target_danceability",
      "target_instrumentalness",
      "target_valence",
    ]);
    for (const [name, param] of [
      ["min_energy", "min_energy"],
      ["max_energy", "max_energy"],
      ["target_valence", "valence"],
      ["min_popularity", "popularity_min"],
      ["max_popularity", "popularity_max"],
    ]) {
      assert.equal(Number(sent[name]), rl_params[param], name);
    }
    assert.equal(sent.seed_genres.split(",").length, rl_params.genre_count);
    await guide.interact("ann", {
      content_type: "music",
      content_id: json.recommendations[0].id,
      interaction_type: "like",
    });
    assert.equal((await guide.rows("SELECT * FROM pairs")).length, 1);

    // An app that lost the call.
    only("/v1/recommendations", wrong.forbidden);
    const after = await guide.recommend("ann", query);
    assert.equal(after.json.metadata.provider, "catalog");
    const health = (await guide.admin("GET", "system/health")).json;
    assert.match(health.problems.join(), /spotify does not let this app use the endpoint/);
  } finally {
    await guide.stop();
  }
});

test("one YouTube search serves everyone who would ask the same, and holds nobody's data", async () => {
  const first = await video("ann-who-asks-first");
  assert.equal(first.json.metadata.provider, "youtube");
  assert.ok(first.json.metadata.honoured.includes("novelty"));
  for (const item of first.json.recommendations) {
    assert.equal(item.youtube_url, `https://www.youtube.com/watch?v=${item.id}`);
    assert.ok(item.channel && item.title.includes("Tom & Jerry"));
  }
  const second = await video("bob-who-asks-next");
  assert.equal(second.json.metadata.provider, "youtube");
  const searches = upstream.take("/youtube/v3/search");
  assert.equal(searches.length, 1);
  const [{ query, headers }] = searches;
  assert.deepEqual([query.type, query.order], ["video", "relevance"]);
  assert.ok(!JSON.stringify(query).includes(KEY), "the key is in no address");
  assert.equal(headers["x-goog-api-key"], KEY);
  assert.equal((await limit("youtube")).searches, 1);

  const namespace = await service.miniflare.getKVNamespace("POLICY");
  const { keys } = await namespace.list({ prefix: "provider/youtube/" });
  assert.equal(keys.length, 1);
  assert.ok(keys[0].expiration <= Date.now() / 1000 + 30 * 86_400, "at most 30 days");
  const kept = keys[0].name + (await namespace.get(keys[0].name));
  for (const secret of ["ann-who", "bob-who", KEY]) assert.ok(!kept.includes(secret));
});

test("the day's hundred searches are counted, and then old answers and the catalog serve", async () => {
  await video();
  await service.rows("UPDATE provider_limits SET searches = 99");
  upstream.asked = [];
  const other = "mood=energetic&time_of_day=morning&openness=20&extraversion=90&limit=5";
  assert.equal((await video("ann", other)).json.metadata.provider, "youtube");
  assert.equal((await limit("youtube")).searches, 100);
  const third = "mood=sad&time_of_day=night&openness=70&extraversion=50&limit=5";
  await assertCatalog(await video("ann", third));
  assert.equal(upstream.take("/youtube/v3/search").length, 1, "the hundred-and-first is not made");
  assert.equal((await video()).json.metadata.provider, "youtube", "what is known still serves");

  // The project's next day.
  await service.rows("UPDATE provider_limits SET day = 'yesterday'");
  assert.equal((await video("ann", third)).json.metadata.provider, "youtube");
  assert.equal((await limit("youtube")).searches, 1);
});

test("a quota that others spent ends the day; answers of yesterday stand in", async () => {
  await video();
  const namespace = await service.miniflare.getKVNamespace("POLICY");
  const { keys } = await namespace.list({ prefix: "provider/youtube/" });
  const [{ name }] = keys;
  const body = await namespace.get(name);
  await namespace.put(name, body, { metadata: Date.now() - 2 * 86_400_000 });
  only("/youtube/v3/search", wrong.youtubeQuota);
  upstream.asked = [];
  assert.equal((await video()).json.metadata.provider, "youtube");
  assert.equal(upstream.take("/youtube/v3/search").length, 1, "it was time to ask again");
  const { searches, reason } = await limit("youtube");
  assert.deepEqual([searches, reason], [100, "quota_exceeded"]);
  await reopen();
  assert.equal((await video()).json.metadata.provider, "youtube");
  assert.equal(upstream.asked.length, 0, "the day is over, whatever was counted");
});

test("what is missing or misspelt is named by health, and the catalog serves", async () => {
  const half = await start({
    vars: {
      MUSIC_PROVIDER: "spotify",
      SPOTIFY_CLIENT_ID: "x",
      VIDEO_PROVIDER: "vimeo",
      PROVIDER_PATIENCE_MS: "soon",
    },
  });
  try {
    assert.equal((await half.recommend("ann", "limit=1")).json.metadata.provider, "catalog");
    const { status, problems } = (await half.admin("GET", "system/health")).json;
    assert.equal(status, "red");
    assert.deepEqual(problems, [
      "`SPOTIFY_CLIENT_SECRET` is not set",
      "`VIDEO_PROVIDER` must be catalog, youtube, got `vimeo`",
      "`PROVIDER_PATIENCE_MS` must be a whole number from 100 to 30000, got `soon`",
    ]);
  } finally {
    await half.stop();
  }
});
