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
}

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [
  {
    path: "/",
    view: "listen",
    title: "Listen",
    link: "Listen",
    description:
      "Say how you feel and what you like: moodloop learns, on your own device, how to recommend to you.",
  },
  {
    path: "/knows/",
    view: "knows",
    title: "What it knows",
    link: "What it knows",
    description:
      "Everything that moodloop has learned from you: see it, take it with you, forget any of it.",
  },
];
