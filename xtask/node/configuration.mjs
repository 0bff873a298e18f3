// Prints worker/wrangler.jsonc as wrangler understands it, one object for each environment, and
// the latest compatibility date that the installed runtime knows.
import path from "node:path";
import { compatibilityDate } from "workerd";
import { unstable_readConfig } from "wrangler";

const config = path.resolve(import.meta.dirname, "../../worker/wrangler.jsonc");
const [development, production] = [undefined, "production"].map((env) =>
  unstable_readConfig({ config, env }),
);
console.log(JSON.stringify({ development, production, latest: compatibilityDate }));
