import { readFileSync } from "node:fs";
import { contents, line, verbatim } from "./prose.ts";

/** A JSON schema, as far as the Worker's API uses them. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: readonly unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  description?: string;
  items?: Schema;
  oneOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
}

interface Content {
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: Content;
  responses: Record<string, Content & { description: string }>;
  security?: readonly Record<string, unknown>[];
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Where the build of the Worker leaves its description. */
const DOCUMENT = new URL("../../../worker/dist/openapi.json", import.meta.url);

/** Who may call what, in the order of the page. */
const ACCESS: Readonly<Record<string, { title: string; how: string }>> = {
  user: {
    title: "For one user",
    how: "With `Authorization: Bearer` and a token that names the user of the path, once the Worker has a `TOKEN_SECRET`; in development also without.",
  },
  admin: { title: "For operators", how: "With the admin key in `X-Admin-Key`." },
  public: { title: "For everyone", how: "Without a key." },
};

/** The reference of the HTTP API, from the OpenAPI document that the Worker answers with. */
export function httpReference(): string {
  const { paths, components } = JSON.parse(readFileSync(DOCUMENT, "utf8")) as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Object.entries(ACCESS).map(([access, { title, how }]) => ({
    title,
    how,
    routes: operations.filter(({ operation }) => accessOf(operation) === access),
  }));
  const schemas = Object.entries(components.schemas);
  const sections = [
    ...groups.map(({ title, routes }) => ({
      title,
      links: routes.map(({ operation }) => ({
        to: operation.operationId,
        text: verbatim(operation.summary),
      })),
    })),
    { title: "Schemas", links: schemas.map(([name]) => ({ to: name, text: name })) },
  ];
  return [
    contents(sections),
    ...groups.map(
      ({ title, how, routes }) =>
        `<section><h2>${title}</h2><p>${line(how)}</p>${routes.map(route).join("")}</section>`,
    ),
    `<section><h2>Schemas</h2>${schemas.map(([name, one]) => schema(name, one)).join("")}</section>`,
  ].join("");
}

function accessOf({ security }: Operation): string {
  return Object.keys(security?.[0] ?? { public: [] })[0] ?? "public";
}

function route({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  const asks = parameters.map(({ name, in: place, required, schema }) =>
    row(`<code>${name}</code>`, `${place}${required ? ", required" : ""}`, typeOf(schema)),
  );
  if (body !== undefined) {
    asks.push(row("body", "JSON, required", typeOf(body)));
  }
  const answers = Object.entries(responses).map(([status, { description, content }]) => {
    if (Number(status) >= 400) {
      return row(status, codes(description));
    }
    const [type, answer] = Object.entries(content ?? {})[0] ?? [];
    const told = answer === undefined ? "nothing" : typeOf(answer.schema);
    return row(status, type === "application/json" || !type ? told : `${told} as ${type}`);
  });
  return [
    `<section class="declared"><h3 id="${operationId}">${verbatim(summary)}</h3>`,
    `<pre class="signature"><code><b>${method.toUpperCase()}</b> ${breakable(path)}</code></pre>`,
    description === undefined ? "" : `<p>${line(description)}</p>`,
    asks.length === 0 ? "" : table("Asks for", ["Name", "Where", "Value"], asks),
    table("Answers", ["Status", "Body, or codes of failure"], answers),
    "</section>",
  ].join("");
}

/** Error codes, apart by commas. */
function codes(list: string): string {
  return list
    .split(", ")
    .map((one) => `<code>${verbatim(one)}</code>`)
    .join(", ");
}

/** A path that may be broken after each slash. */
function breakable(path: string): string {
  return verbatim(path).replaceAll("/", "/<wbr>");
}

function schema(name: string, one: Schema): string {
  const rows = fields(one, "");
  const strict = one.additionalProperties === false ? "<p>Other fields are refused.</p>" : "";
  const told =
    rows.length === 0 ? `<p>${typeOf(one)}</p>` : table(name, ["Field", "", "Value"], rows);
  return `<section class="declared"><h3 id="${name}">${name}</h3>${told}${strict}</section>`;
}

/** The fields of an object, those of objects within it below it. */
function fields({ properties = {}, required = [] }: Schema, before: string): string[] {
  return Object.entries(properties).flatMap(([name, one]) => {
    const path = `${before}${name}`;
    const own = row(
      `<code>${path}</code>`,
      required.includes(name) ? "always" : "optional",
      typeOf(one),
    );
    const inner = one.items?.properties === undefined ? one : one.items;
    return [own, ...fields(inner, `${path}${inner === one ? "." : "[]."}`)];
  });
}

/** What a value may be, in words. */
function typeOf(one: Schema): string {
  const told = kindOf(one);
  return one.description === undefined ? told : `${told}: ${line(one.description)}`;
}

function kindOf(one: Schema): string {
  if (one.$ref !== undefined) {
    const name = one.$ref.split("/").at(-1) ?? "";
    return `<a href="#${name}">${name}</a>`;
  }
  const choices = one.oneOf ?? one.anyOf;
  if (choices !== undefined) {
    return choices.map(typeOf).join(" or ");
  }
  if (one.const !== undefined || one.enum !== undefined) {
    return (one.enum ?? [one.const])
      .map((value) => `<code>${verbatim(JSON.stringify(value))}</code>`)
      .join(", ");
  }
  if (one.items !== undefined) {
    const most =
      one.maxItems === undefined ? "" : ` of at most ${one.maxItems.toLocaleString("en")}`;
    return `list${most}: ${typeOf(one.items)}`;
  }
  if (typeof one.additionalProperties === "object") {
    return `object of ${typeOf(one.additionalProperties)}`;
  }
  const types = [one.type ?? "any value"].flat().join(" or ");
  return [types, one.format, range(one)].filter((part) => part !== undefined).join(", ");
}

function range({ minimum, maximum, minLength, maxLength }: Schema): string | undefined {
  const [low, high] = [minimum ?? minLength, maximum ?? maxLength];
  const unit = maxLength === undefined && minLength === undefined ? "" : " characters";
  if (low !== undefined && high !== undefined) {
    return `${low.toLocaleString("en")} to ${high.toLocaleString("en")}${unit}`;
  }
  if (low !== undefined) {
    return `from ${low.toLocaleString("en")}${unit}`;
  }
  return high === undefined ? undefined : `at most ${high.toLocaleString("en")}${unit}`;
}

function row(name: string, ...cells: readonly string[]): string {
  return `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function table(caption: string, head: readonly string[], rows: readonly string[]): string {
  const titles = head.map((word) => (word === "" ? "<td></td>" : `<th scope="col">${word}</th>`));
  return `<table class="list plain fields"><caption>${caption}</caption><thead><tr>${titles.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}
