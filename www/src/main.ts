import { askAhead } from "./ahead.ts";
import { keepForOffline, watchConnection } from "./offline.ts";
import { route } from "./router.ts";
import { letGo } from "./session.ts";

askAhead(location.pathname);
watchConnection();
// What the first page needs comes first.
void route().then(keepForOffline);
window.addEventListener("pagehide", (event) => {
  if (!event.persisted) {
    void letGo();
  }
});
