import { bandit, estimates, refusal } from "./evidence.ts";
import { httpReference } from "./reference/http.ts";
import { packageReference } from "./reference/package.ts";

/** Parts of pages that are made when the site is built, by the comment that they replace. */
export const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  bandit,
  estimates,
  http: httpReference,
  package: packageReference,
  refusal,
};
