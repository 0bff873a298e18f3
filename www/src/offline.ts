import { find } from "./dom.ts";

/** Lets the site work without a network, and says whether there is one. */
export function watchConnection(): void {
  const state = find("#offline-state", HTMLElement);
  const tell = (): void => {
    state.textContent = navigator.onLine ? "" : "You are offline. Everything here goes on working.";
  };
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    // A browser that refuses it (a private window, say) only loses the offline part.
    navigator.serviceWorker.register("/sw.js").catch((error: unknown) => console.info(error));
  }
}
