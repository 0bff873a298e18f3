/** A page of the site. */
export interface Page {
  /** Its address, with a slash at both ends. */
  path: string;
  /** The folder of `src/` that holds its `view.html` and, if it does something, `view.ts`. */
  view: string;
  /** What it is called. */
  title: string;
  /** For search engines and shared links. */
  description: string;
  /** What the navigation calls it; pages without one are reached from another page. */
  link?: string;
  /** What its script is going to need. */
  needs?: readonly ("core.wasm" | "catalog.wasm" | "catalog/music.json")[];
}

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [
  {
    path: "/",
    view: "listen",
    title: "Listen",
    link: "Listen",
    needs: ["core.wasm", "catalog.wasm", "catalog/music.json"],
    description:
      "Say how you feel and what you like: moodloop learns, on your own device, how to recommend to you.",
  },
  {
    path: "/knows/",
    view: "knows",
    title: "What it knows",
    link: "What it knows",
    needs: ["core.wasm"],
    description:
      "Everything that moodloop has learned from you: see it, take it with you, forget any of it.",
  },
  {
    path: "/lab/",
    view: "lab",
    title: "Lab",
    link: "Lab",
    description: "Simulated people and real learners, side by side, in the page.",
  },
  {
    path: "/guide/",
    view: "guide/loop",
    title: "The loop",
    link: "Guide",
    description: "How moodloop works: situation, strategy, parameters, items, answer, reward.",
  },
  {
    path: "/guide/parameters/",
    view: "guide/parameters",
    title: "Parameters",
    needs: ["core.wasm"],
    description:
      "What a strategy means in a mood and for a personality, as a picture to play with.",
  },
  {
    path: "/guide/learner/",
    view: "guide/learner",
    title: "The learner",
    description: "How moodloop learns, why it is curious, and how it forgets exactly.",
  },
  {
    path: "/guide/trust/",
    view: "guide/trust",
    title: "Which number to trust",
    description: "Estimates from a log, and experiments: which number to decide by, and when.",
  },
  {
    path: "/guide/bandit/",
    view: "guide/bandit",
    title: "A real log",
    description: "What the estimators say of a real log, next to what really happened.",
  },
  {
    path: "/guide/privacy/",
    view: "guide/privacy",
    title: "Privacy",
    description: "What moodloop holds, where, and what you can do about it.",
  },
  {
    path: "/guide/deploying/",
    view: "guide/deploying",
    title: "Your own site",
    description: "moodloop in a page, and as a Cloudflare Worker.",
  },
  {
    path: "/guide/package/",
    view: "guide/package",
    title: "npm package",
    description: "Everything that the npm package exports, with samples.",
  },
  {
    path: "/guide/http/",
    view: "guide/http",
    title: "HTTP API",
    description: "Every route of the Worker, with what it asks for and what it answers.",
  },
  {
    path: "/operate/",
    view: "operate",
    title: "Operate",
    link: "Operate",
    description:
      "For those who run the service: health, training, versions, engagement and the experiment.",
  },
];
