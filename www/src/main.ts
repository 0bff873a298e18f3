import { watchConnection } from "./offline.ts";
import { route } from "./router.ts";
import { letGo } from "./session.ts";

route();
watchConnection();
window.addEventListener("pagehide", (event) => {
  if (!event.persisted) {
    void letGo();
  }
});
