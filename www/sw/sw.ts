// Keeps the site's own files, so that it works without a network after the first visit. It keeps
// nothing about the visitor. The build fills in the list of files and their common version. A new
// version waits until no page of the old one is open: pages load parts of themselves later.

declare const self: ServiceWorkerGlobalScope;

const files = "__FILES__" as unknown as readonly string[];
const PREFIX = "moodloop-site-";
const NAME = `${PREFIX}__VERSION__`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith(PREFIX) && name !== NAME)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (
    event.request.method === "GET" &&
    origin === self.location.origin &&
    files.includes(pathname)
  ) {
    event.respondWith(answer(event.request, pathname));
  }
});

/** From the cache; from the network where the browser has thrown the cache away. */
async function answer(request: Request, pathname: string): Promise<Response> {
  const cached = await caches.match(pathname, { cacheName: NAME });
  return cached ?? fetch(request);
}
