import {
  type Comment,
  type CommentDisplayPart,
  type DeclarationReflection,
  Reflection,
  ReflectionKind,
} from "typedoc";
import { type Declarations, declarations } from "./declarations.ts";
import { blocks, contents, line, verbatim } from "./prose.ts";

/** The parts of the package, in the order of the page. */
const PARTS: Readonly<Record<string, string>> = {
  moodloop: "The loop: a model that is kept. It exports everything of `moodloop/agent`, too.",
  "moodloop/agent": "The model alone, without storage, and the rules as pure functions.",
  "moodloop/catalog": "Ranking a catalog of one’s own.",
  "moodloop/lab": "Evaluation, experiments, simulation and training.",
  "moodloop/sync":
    "Sending what waits for the Worker, for a service worker that need not load the model.",
  "moodloop/slim": "Everything of `moodloop`, with wasm files that a page places itself.",
  "moodloop/url": "Where the wasm files are.",
};

/** What several parts export is described with the first of these. */
const OWNERS = ["moodloop/agent", "moodloop/catalog", "moodloop"];

/** The reference of the npm package, from the TSDoc comments of the declarations that it ships. */
export async function packageReference(): Promise<string> {
  return new Reference(await declarations(OWNERS)).page();
}

class Reference {
  readonly #all: Declarations;
  /** What has a heading of its own, and a pattern that finds it in code. */
  readonly #names: ReadonlySet<string>;
  readonly #pattern: RegExp;

  constructor(all: Declarations) {
    this.#all = all;
    this.#names = new Set(all.parts.flatMap(({ declared }) => declared.map(({ name }) => name)));
    this.#pattern = new RegExp(`\\b(?:${[...this.#names].join("|")})\\b(?!\\??[:(])`, "g");
  }

  page(): string {
    const order = Object.keys(PARTS);
    const all = this.#all.parts.toSorted(
      (one, other) => order.indexOf(one.from) - order.indexOf(other.from),
    );
    const sections = all.map(({ from, declared }) => ({
      title: `<code>${from}</code>`,
      links: declared.map(({ name }) => ({ to: name, text: `<code>${name}</code>` })),
    }));
    const parts = all.map(({ from, declared }) => {
      const told = declared.map((one) => this.#declared(one)).join("");
      const what = PARTS[from];
      if (what === undefined) {
        throw new Error(`\`${from}\` has no description in build/reference/package.ts`);
      }
      return `<section><h2><code>${from}</code></h2><p>${line(what)}</p>${told}</section>`;
    });
    return contents(sections) + parts.join("");
  }

  #declared(one: DeclarationReflection): string {
    const whole = one.kindOf([ReflectionKind.Class, ReflectionKind.Interface]);
    const code = this.#all.codeOf(one).map((text) => (whole ? head(text) : text));
    return [
      `<section class="declared"><h3 id="${one.name}"><code>${one.name}</code></h3>`,
      this.#code(code.join("\n\n"), one.name),
      this.#described(one),
      ...(whole ? (one.children ?? []).map((member) => this.#member(member, one)) : []),
      "</section>",
    ].join("");
  }

  #member(member: DeclarationReflection, of: DeclarationReflection): string {
    const code = this.#all.codeOf(member).map(withoutComments).join("\n");
    const kind = of.kindOf(ReflectionKind.Class) ? "member" : "member field";
    const id = `${of.name}.${member.name}`;
    return `<div class="${kind}" id="${id}">${this.#code(code, of.name)}<div>${this.#described(member)}</div></div>`;
  }

  /** Code in which other names of the package are links. */
  #code(code: string, within: string): string {
    const linked = verbatim(code).replaceAll(this.#pattern, (name) =>
      name === within ? name : `<a href="#${name}">${name}</a>`,
    );
    return `<pre class="signature"><code>${linked}</code></pre>`;
  }

  /** Everything that is said of a declaration: in words, its parameters, its answer, its errors. */
  #described(one: DeclarationReflection): string {
    const signature = one.signatures?.[0] ?? one.getSignature ?? one.setSignature;
    const comment = one.comment ?? signature?.comment;
    const parameters = (signature?.parameters ?? [])
      .filter((parameter) => parameter.comment !== undefined)
      .map((parameter) => this.#entry(`<code>${parameter.name}</code>`, parameter.comment));
    const tags = (comment?.blockTags ?? []).map(({ tag, content }) => {
      const name = { "@returns": "Returns", "@throws": "Throws" }[tag as string] ?? tag;
      return entry(name, this.#text(content));
    });
    const entries = [...parameters, ...tags].join("");
    return this.#text(comment?.summary ?? []) + (entries && `<dl class="told">${entries}</dl>`);
  }

  #entry(name: string, comment: Comment | undefined): string {
    return entry(name, this.#text(comment?.summary ?? []));
  }

  #text(parts: readonly CommentDisplayPart[]): string {
    return blocks(parts.map((part) => this.#markdown(part)).join(""));
  }

  #markdown(part: CommentDisplayPart): string {
    if (part.kind !== "inline-tag") {
      return part.text;
    }
    const { target } = part;
    const to = target instanceof Reflection ? this.#anchor(target) : undefined;
    return to === undefined ? `\`${part.text}\`` : `[\`${part.text}\`](#${to})`;
  }

  /** Where in the page something stands, if it does. */
  #anchor(target: Reflection): string | undefined {
    const { name, parent } = target;
    if (this.#names.has(name)) {
      return name;
    }
    return parent !== undefined && this.#names.has(parent.name)
      ? `${parent.name}.${name}`
      : undefined;
  }
}

function entry(name: string, text: string): string {
  return `<div><dt>${name}</dt><dd>${text}</dd></div>`;
}

/** A class or an interface without its members. */
function head(code: string): string {
  return code.slice(0, code.indexOf("{")).trim();
}

/** Without the comments inside an object's type, whose fields then stand on lines of their own. */
function withoutComments(code: string): string {
  return code.replaceAll(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "");
}
