/** What an element may contain. */
export type Child = Node | string | undefined;

/** Attributes; `undefined` and `false` leave one out, `true` gives an empty one. */
export type Attributes = Record<string, string | number | boolean | undefined>;

const SVG = "http://www.w3.org/2000/svg";

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Makes an HTML element. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** Makes an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** The element of a page that its markup promises. */
export function find<E extends Element>(
  selector: string,
  kind: new () => E,
  root: ParentNode = document,
): E {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) {
    throw new Error(`the page has no \`${selector}\``);
  }
  return element;
}

/** Says something to a screen reader. */
export function announce(text: string): void {
  find("#live", HTMLElement).textContent = text;
}

/** A region that scrolls by itself when it is too large, by keyboard too. */
export function scroller(label: string, child: Node): HTMLElement {
  return html("div", { class: "scroller", tabindex: 0, role: "group", "aria-label": label }, child);
}
