import { find, html } from "./dom.ts";
import { type Page, pages } from "./pages.ts";

/** What a view gives: it brings a page to life, and ends what it started. */
export interface View {
  mount(root: HTMLElement): Promise<() => void>;
}

/** The script of every page, loaded when it is asked for. */
const scripts = import.meta.glob<View>("./*/**/view.ts");

let leave: (() => void) | undefined;
let visits = 0;
/** The path of the page that is there, or on its way. */
let shown = location.pathname;

/**
 * Brings the present page to life and follows links within the site without loading it anew: what
 * is known before consent lives in memory only, and must survive from page to page. Resolves when
 * the first page lives.
 */
export async function route(): Promise<void> {
  document.addEventListener("click", follow);
  addEventListener("popstate", () => {
    // Within a page the browser itself goes where it should.
    if (location.pathname !== shown) {
      void show(location.pathname, false);
    }
  });
  await enter(pageAt(location.pathname));
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
  shown = path;
  visits += 1;
  const visit = visits;
  const markup = page && (await markupOf(path));
  if (visit !== visits) {
    return;
  }
  if (page === undefined || markup === undefined) {
    location.reload();
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
  main.innerHTML = markup;
  main.focus({ preventScroll: true });
  if (toTop) {
    const target = document.getElementById(location.hash.slice(1));
    if (target === null) {
      scrollTo(0, 0);
    } else {
      target.scrollIntoView();
    }
  }
  await enter(page);
}

/** What stands in the frame of a page, as the server has it; nothing where it does not answer. */
async function markupOf(path: string): Promise<string | undefined> {
  try {
    const answer = await fetch(path);
    const text = answer.ok ? await answer.text() : "";
    return new DOMParser().parseFromString(text, "text/html").querySelector("#main")?.innerHTML;
  } catch {
    return undefined;
  }
}

async function enter(page: Page | undefined): Promise<void> {
  const load = page && scripts[`./${page.view}/view.ts`];
  if (load === undefined) {
    return;
  }
  visits += 1;
  const visit = visits;
  const main = find("#main", HTMLElement);
  try {
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
  } catch (error) {
    // A page that was left may well miss what it looked for.
    if (visit === visits) {
      console.error(error);
      main.prepend(failure(error));
    }
  }
}

/** What a visitor is told where a page does not start. */
function failure(error: unknown): HTMLElement {
  const why = error instanceof Error ? error.message : String(error);
  const again = html("button", { type: "button", class: "button" }, "Load it again");
  again.addEventListener("click", () => location.reload());
  const told = html("p", {}, `This page could not start: ${why}`);
  return html("div", { class: "failure", role: "alert" }, told, again);
}
