import type { Item } from "moodloop";
import { announce, html } from "../dom.ts";
import { keep, model, session } from "../session.ts";
import { count } from "../words.ts";

const EXAMPLE = "id,title,creator,content_type,genres,energy,valence,popularity,url";

/** Lets the visitor bring a catalog of their own. `changed` is called when it is another one. */
export function mountOwn(root: HTMLElement, changed: () => void): void {
  const state = html("p", { class: "own-state", role: "status" });
  const input = html("input", {
    type: "file",
    accept: ".csv,.json,text/csv,application/json",
    id: "own-file",
    class: "visually-hidden",
  });
  const remove = html("button", { type: "button", class: "button quiet" }, "Back to the demo");

  const show = (problem?: string): void => {
    const { own } = session;
    const using = own ? `${count(own.length, "item")} of your own.` : "You see the demo catalog.";
    state.textContent = problem ?? using;
    state.classList.toggle("problem", problem !== undefined);
    remove.hidden = own === undefined;
  };

  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    input.value = "";
    if (file === undefined) {
      return;
    }
    try {
      session.own = await read(file);
      await keep();
      show();
      changed();
    } catch (error) {
      show(`Not taken: ${error instanceof Error ? error.message : String(error)}`);
    }
    announce(state.textContent);
  });
  remove.addEventListener("click", () => {
    delete session.own;
    void keep().then(() => {
      show();
      changed();
    });
  });

  root.replaceChildren(
    html(
      "p",
      { class: "hint" },
      "It is read in this page and goes nowhere. One item per line, with these columns; genres apart by “;”, energy and valence from 0 to 1, popularity from 0 to 100:",
    ),
    html("code", { class: "columns" }, EXAMPLE.replaceAll(",", ", ")),
    html(
      "div",
      { class: "row" },
      input,
      html("label", { class: "button", for: input.id }, "Choose a file"),
      remove,
    ),
    state,
  );
  show();
}

/** The items of a file, checked by the package itself. */
async function read(file: File): Promise<Item[]> {
  const text = await file.text();
  const json = file.name.endsWith(".json") || /^\s*[[{]/.test(text);
  const items = json ? parseJson(text) : await parseCsv(text);
  if (items.length === 0) {
    throw new Error("there is no item in it");
  }
  const loop = await model();
  try {
    (await loop.catalog(items)).free();
  } catch (error) {
    // The package counts items from 0; a spreadsheet counts rows from 1, that of the names too.
    const told = (error as Error).message;
    throw json ? error : new Error(told.replace(/^item (\d+):/, (_, at) => row(Number(at))));
  }
  return items;
}

function parseJson(text: string): Item[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) {
    throw new Error("a JSON catalog is a list of items");
  }
  return value as Item[];
}

async function parseCsv(text: string): Promise<Item[]> {
  const { default: papa } = await import("papaparse");
  const { data, errors } = papa.parse<Record<string, string>>(text, {
    header: true,
    skipEmptyLines: "greedy",
    transformHeader: (name) => name.trim().toLowerCase(),
  });
  const [first] = errors.filter(({ type }) => type !== "Delimiter");
  if (first !== undefined) {
    throw new Error(`${row(first.row ?? 0)} ${first.message}`);
  }
  return data.map(item);
}

/** Where the item with the number `at` stands in a spreadsheet. */
function row(at: number): string {
  return `row ${at + 2}:`;
}

/** A row as an item; what is empty is left out, so that a missing field is called missing. */
function item(row: Record<string, string>): Item {
  const entries = Object.entries(row)
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([, text]) => text !== "")
    .map(([name, text]) => [name, field(name, text)] as const);
  return Object.fromEntries(entries) as unknown as Item;
}

function field(name: string, text: string): unknown {
  switch (name) {
    case "genres":
      return text.split(/[;|]/).map((genre) => genre.trim());
    case "energy":
    case "valence":
    case "popularity":
      // What is no number stays a text, which the package then names.
      return Number.isNaN(Number(text)) ? text : Number(text);
    default:
      return text;
  }
}
