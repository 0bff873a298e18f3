import { find } from "./dom.ts";
import { type Page, pages } from "./pages.ts";

/** What a view gives: it brings a page to life, and ends what it started. */
export interface View {
  mount(root: HTMLElement): Promise<() => void>;
}

/** Markup and script of every page, loaded when it is asked for. */
const markup = import.meta.glob<string>("./*/**/view.html", { query: "?raw", import: "default" });
const scripts = import.meta.glob<View>("./*/**/view.ts");

let leave: (() => void) | undefined;
let visits = 0;

/**
 * Brings the present page to life and follows links within the site without loading it anew: what
 * is known before consent lives in memory only, and must survive from page to page.
 */
export function route(): void {
  document.addEventListener("click", follow);
  addEventListener("popstate", () => void show(location.pathname, false));
  void enter(pageAt(location.pathname));
}

function pageAt(path: string): Page | undefined {
  return pages.find((page) => page.path === path);
}

function follow(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (link === null || !plain || link.target !== "" || link.origin !== location.origin) {
    return;
  }
  if (link.hash !== "" && link.pathname === location.pathname) {
    return;
  }
  if (pageAt(link.pathname) !== undefined) {
    event.preventDefault();
    if (link.pathname !== location.pathname) {
      history.pushState(null, "", link.href);
      void show(link.pathname, true);
    }
  }
}

async function show(path: string, toTop: boolean): Promise<void> {
  const page = pageAt(path);
  const load = page && markup[`./${page.view}/view.html`];
  if (page === undefined || load === undefined) {
    location.reload();
    return;
  }
  visits += 1;
  const visit = visits;
  const text = await load();
  if (visit !== visits) {
    return;
  }
  leave?.();
  leave = undefined;
  document.title = page.path === "/" ? "moodloop" : `${page.title} · moodloop`;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("nav[aria-label=Pages] a")) {
    const own = link.pathname === "/" ? path === "/" : path.startsWith(link.pathname);
    link.toggleAttribute("aria-current", own);
    if (own) {
      link.setAttribute("aria-current", "page");
    }
  }
  const main = find("#main", HTMLElement);
  main.innerHTML = text;
  if (toTop) {
    scrollTo(0, 0);
  }
  main.focus({ preventScroll: true });
  await enter(page);
}

async function enter(page: Page | undefined): Promise<void> {
  const load = page && scripts[`./${page.view}/view.ts`];
  if (load === undefined) {
    return;
  }
  visits += 1;
  const visit = visits;
  const main = find("#main", HTMLElement);
  const view = await load();
  if (visit !== visits) {
    return;
  }
  const end = await view.mount(main);
  if (visit === visits) {
    leave = end;
  } else {
    end();
  }
}
