// Keeps the page for when there is no network, and sends what could not be sent from it.
import { send } from "../../dist/sync-api.js";

const user_id = new URL(location.href).searchParams.get("user");

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The network first: what it gives is new. The cache where there is no network.
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && !new URL(url).pathname.startsWith("/api/")) {
    event.respondWith(
      fetch(event.request).catch(
        async () => (await caches.match(event.request)) ?? Response.error(),
      ),
    );
  }
});

// The page asked for this where it could not send: the browser is online again.
self.addEventListener("sync", (event) => {
  if (event.tag === "moodloop:example-sw") {
    event.waitUntil(send({ name: "example-sw", url: self.location.origin, user_id }));
  }
});
