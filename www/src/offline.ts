import { find } from "./dom.ts";

/** Says whether there is a network. */
export function watchConnection(): void {
  const state = find("#offline-state", HTMLElement);
  const tell = (): void => {
    state.textContent = navigator.onLine ? "" : "You are offline. It all goes on working.";
  };
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
}

/** Lets the site work without a network from now on. */
export function keepForOffline(): void {
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    // A browser that refuses it (a private window, say) only loses the offline part.
    navigator.serviceWorker.register("/sw.js").catch((error: unknown) => console.info(error));
  }
}
