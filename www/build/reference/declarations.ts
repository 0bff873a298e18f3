import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  type Context,
  Converter,
  type DeclarationReflection,
  type Reflection,
} from "typedoc";
import type * as ts from "typescript";

/** One way into the package, with what it exports. */
export interface Part {
  /** What one imports from. */
  from: string;
  /** What no other part has described before. */
  declared: readonly DeclarationReflection[];
}

/** What the npm package declares. */
export interface Declarations {
  parts: readonly Part[];
  /** A declaration as the package's `.d.ts` has it, one text for each overload. */
  codeOf(reflection: Reflection): readonly string[];
}

/**
 * Reads the declarations of all parts that the package ships with TypeDoc.
 *
 * @param owners What several parts export belongs to the first of these.
 */
export async function declarations(owners: readonly string[]): Promise<Declarations> {
  const own = fileURLToPath(import.meta.resolve("moodloop/package.json"));
  const { exports } = JSON.parse(readFileSync(own, "utf8")) as {
    exports: Record<string, { types?: string }>;
  };
  const all = Object.entries(exports)
    .filter(([, { types }]) => types !== undefined)
    .map(([path]) => path.replace(".", "moodloop"));
  const imports = [...new Set([...owners, ...all])];
  const files = new Map(
    imports.map((from) => [
      from,
      join(dirname(own), exports[from.replace("moodloop", ".")]?.types ?? ""),
    ]),
  );
  const app = await Application.bootstrap(
    {
      entryPoints: [...files.values()],
      skipErrorChecking: true,
      excludePrivate: true,
      excludeInternal: true,
      readme: "none",
      sort: ["source-order"],
      logLevel: "Error",
    },
    // No settings but these, wherever the build is started.
    [],
  );
  app.options.setCompilerOptions(
    [...files.values()],
    { lib: ["lib.es2024.d.ts", "lib.dom.d.ts"] },
    undefined,
  );
  const nodes = new Map<Reflection, readonly ts.Node[]>();
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context: Context, reflection) => {
    nodes.set(reflection, context.getSymbolFromReflection(reflection)?.declarations ?? []);
  });
  const project = await app.convert();
  const modules = project?.children ?? [];
  const parts = imports.map((from) => {
    const file = files.get(from);
    const module = modules.find(({ sources }) => sources?.[0]?.fullFileName === file);
    if (module === undefined) {
      throw new Error(`TypeDoc found no declarations of \`${from}\``);
    }
    return { from, declared: (module.children ?? []).filter((child) => !child.isReference()) };
  });
  return {
    parts,
    codeOf: (reflection) => (nodes.get(reflection) ?? []).map((node) => tidy(node.getText())),
  };
}

/** A declaration as one reads it: no `export declare`, no semicolon, an indent of two from the margin. */
function tidy(text: string): string {
  const margin = /\n( *)\S[^\n]*$/.exec(text)?.[1] ?? "";
  return text
    .replaceAll(`\n${margin}`, "\n")
    .replace(/^(?:(?:export|declare) )+/, "")
    .replace(/;$/, "")
    .replaceAll(/^(?: {4})+/gm, (indent) => indent.slice(indent.length / 2));
}
