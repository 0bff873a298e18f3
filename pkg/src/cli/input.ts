import { createReadStream, statSync } from "node:fs";
import { InputError, UsageError } from "./command.js";
import { Progress } from "./progress.js";

/** How much is read at once, and held. */
const CHUNK = 1 << 20;
/** The longest file that is read as a whole: policies and tables. */
const LONGEST = 1 << 28;

/** The only positional argument: a path, or `-` for standard input. */
export function onlyPath(positionals: string[], what: string): string {
  const [path, ...more] = positionals;
  if (path === undefined) {
    throw new UsageError(`${what} is missing`);
  }
  if (more.length > 0) {
    throw new UsageError(`one file at a time, got also \`${more[0]}\``);
  }
  return path;
}

/** Hands on the bytes of a file, or of standard input for `-`, piece by piece, telling how far it is. */
export async function eachChunk(
  path: string,
  label: string,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const file = path === "-" ? undefined : statSync(path);
  const total = file?.isFile() ? file.size : undefined;
  const progress = new Progress(label, total);
  const stream = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: CHUNK });
  let done = 0;
  try {
    for await (const chunk of stream) {
      take(chunk as Uint8Array);
      done += chunk.length;
      progress.bytes(done);
    }
  } finally {
    progress.clear();
  }
}

/** All bytes of a file, or of standard input for `-`. */
export async function wholeFile(path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  await eachChunk(path, "reading", (bytes) => {
    size += bytes.length;
    if (size > LONGEST) {
      throw new InputError(`${nameOf(path)} is longer than ${LONGEST} bytes`);
    }
    pieces.push(bytes);
  });
  return Buffer.concat(pieces);
}

/** A JSON object in a file of settings. */
export async function settings(path: string | undefined): Promise<Record<string, unknown>> {
  if (path === undefined) {
    return {};
  }
  const text = Buffer.from(await wholeFile(path)).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${nameOf(path)} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`${nameOf(path)} must hold a JSON object`);
  }
  return value as Record<string, unknown>;
}

/** The path as messages call it. */
export function nameOf(path: string): string {
  return path === "-" ? "standard input" : `\`${path}\``;
}
