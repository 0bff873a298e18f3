import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt({ html: false, linkify: false });

/** Text that shows as it is. */
export function verbatim(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Markdown as paragraphs, lists and samples. */
export function blocks(text: string): string {
  return markdown.render(text);
}

/** Markdown of one line. */
export function line(text: string): string {
  return markdown.renderInline(text);
}

/** A list of links to what a page describes, by section. */
export function contents(sections: readonly { title: string; links: readonly Link[] }[]): string {
  const lists = sections.map(
    ({ title, links }) =>
      `<section><p class="contents-title">${title}</p><ul>${links
        .map(({ to, text }) => `<li><a href="#${verbatim(to)}">${text}</a></li>`)
        .join("")}</ul></section>`,
  );
  return `<nav class="contents" aria-label="On this page">${lists.join("")}</nav>`;
}

/** A link within a page; its text is markup. */
export interface Link {
  to: string;
  text: string;
}
