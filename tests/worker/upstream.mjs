// Spotify and YouTube on this machine: what their documentation says of the few calls that the
// Worker makes, and what goes wrong with them.
import { createServer } from "node:http";

export const CLIENT = { id: "client-1", secret: "client-secret-1" };
export const KEY = "youtube-key-1";

const json = (status, body, headers = {}) => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** Answers that a provider may give instead of the usual one. */
export const wrong = {
  rateLimited: (seconds) =>
    json(
      429,
      { error: { status: 429, message: "API rate limit exceeded" } },
      {
        "retry-after": String(seconds),
      },
    ),
  spotifyQuota: () =>
    json(429, { error: { status: 429, message: "quota", reason: "QUOTA_EXCEEDED" } }),
  youtubeQuota: () =>
    json(403, {
      error: { code: 403, errors: [{ domain: "youtube.quota", reason: "quotaExceeded" }] },
    }),
  forbidden: () => json(403, { error: { status: 403, message: "Forbidden" } }),
  expired: () => json(401, { error: { status: 401, message: "The access token expired" } }),
  broken: () => json(500, { error: { status: 500, message: "Internal" } }),
  truncated: () => ({ ...json(200, {}), body: '{"tracks": {"items": [' }),
  otherShape: () => json(200, { tracks: "none", items: 7 }),
  oversized: () => json(200, { tracks: { items: [] }, items: [], padding: "x".repeat(2_000_000) }),
  elsewhere: (url) => ({ status: 302, headers: { location: url }, body: "" }),
  empty: () => json(200, { tracks: { items: [] }, items: [] }),
  silence: () => null,
};

function track(id, popularity) {
  return {
    id,
    name: `Track ${id}`,
    popularity,
    artists: [{ name: `Artist ${id}` }],
    album: { images: [{ url: `https://i.scdn.co/image/${id}` }] },
    external_urls: { spotify: `https://open.spotify.com/track/${id}` },
  };
}

/** Both providers at one address. */
export class Upstream {
  /** Every request: {method, path, query, headers, body}. */
  asked = [];
  /** What to answer instead: undefined leaves it at the usual answer, null answers never. */
  instead = () => undefined;
  /** Tokens that are accepted. */
  tokens = new Set();
  /** Popularity of the tracks that a search gives; null: not stated. */
  popularity = null;

  static async start() {
    const upstream = new Upstream();
    upstream.server = createServer((request, response) => upstream.answer(request, response));
    await new Promise((resolve) => upstream.server.listen(0, "127.0.0.1", resolve));
    upstream.origin = `http://127.0.0.1:${upstream.server.address().port}`;
    return upstream;
  }

  /** What a Worker must be set to, to take music and video from here. */
  vars() {
    return {
      MUSIC_PROVIDER: "spotify",
      SPOTIFY_CLIENT_ID: CLIENT.id,
      SPOTIFY_CLIENT_SECRET: CLIENT.secret,
      SPOTIFY_API: this.origin,
      SPOTIFY_ACCOUNTS: this.origin,
      VIDEO_PROVIDER: "youtube",
      YOUTUBE_API_KEY: KEY,
      YOUTUBE_API: this.origin,
      // However slow this machine is.
      PROVIDER_PATIENCE_MS: "30000",
    };
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The requests to a path since the last call. */
  take(path) {
    const taken = this.asked.filter((request) => request.path === path);
    this.asked = [];
    return taken;
  }

  async answer(incoming, response) {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const url = new URL(incoming.url, this.origin);
    const request = {
      method: incoming.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.asked.push(request);
    const told = this.instead(request);
    const answer = told === undefined ? this.usual(request) : told;
    if (answer === null) return;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  usual({ method, path, query, headers, body }) {
    if (method === "POST" && path === "/api/token") return this.token(new URLSearchParams(body));
    if (path === "/youtube/v3/search") return this.videos(query, headers);
    const token = headers.authorization?.replace("Bearer ", "");
    if (!this.tokens.has(token)) return wrong.expired();
    if (path === "/v1/search") return this.search(query);
    if (path === "/v1/recommendations") return this.recommendations(query);
    return json(404, { error: { status: 404, message: "Service not found" } });
  }

  token(form) {
    const good =
      form.get("grant_type") === "client_credentials" &&
      form.get("client_id") === CLIENT.id &&
      form.get("client_secret") === CLIENT.secret;
    if (!good) return json(400, { error: "invalid_client" });
    const access_token = `token-${this.tokens.size + 1}-of-spotify`;
    this.tokens.add(access_token);
    return json(200, { access_token, token_type: "Bearer", expires_in: 3600 });
  }

  search({ q, limit, offset }) {
    if (Number(limit) > 10) return json(400, { error: { status: 400, message: "Invalid limit" } });
    const genre = /genre:"(.+)"/.exec(q)[1];
    const items = Array.from({ length: Number(limit) }, (_, i) =>
      track(`${genre.replace(" ", "-")}-${Number(offset) + i}`, this.popularity),
    );
    // Development-mode answers state no popularity, and lists hold holes.
    for (const item of items) if (item.popularity === null) delete item.popularity;
    return json(200, { tracks: { items: [null, ...items] } });
  }

  recommendations({ limit, min_popularity }) {
    const tracks = Array.from({ length: Number(limit) }, (_, i) =>
      track(`recommended-${i}`, Number(min_popularity)),
    );
    return json(200, { tracks, seeds: [] });
  }

  videos({ q, maxResults }, headers) {
    if (headers["x-goog-api-key"] !== KEY) {
      return json(400, { error: { errors: [{ reason: "keyInvalid" }] } });
    }
    const [genres] = q.split(" ");
    const items = Array.from({ length: Number(maxResults) }, (_, i) => ({
      id: { kind: "youtube#video", videoId: `video-${i}` },
      snippet: {
        title: `Tom &amp; Jerry on ${genres.split("|")[i % genres.split("|").length]} ${i}`,
        channelTitle: `Channel ${i}`,
        description: "",
        thumbnails: { medium: { url: `https://i.ytimg.com/vi/${i}/mq.jpg` } },
      },
    }));
    return json(200, { kind: "youtube#searchListResponse", items });
  }
}
