import { writeFileSync } from "node:fs";
import type { LogCounts } from "../lab-types.js";

/** Prints a value as JSON on one line. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Prints lines of text. */
export function print(...lines: string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Rows of cells under their headings, the first column to the left, numbers to the right. */
export function table(rows: string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  const cell = (text: string, i: number) =>
    i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  return rows.map((row) => row.map(cell).join("  ").trimEnd());
}

/** A number with a fixed count of decimals; `none` for what is not there. */
export function decimals(value: number | null | undefined, places: number): string {
  return value === null || value === undefined ? "none" : value.toFixed(places);
}

/** A count in words: `1 row`, `2 rows`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** What was read, and what was skipped, as sentences. */
export function readingOf(counts: LogCounts): string[] {
  const { malformed, duplicate, out_of_order, unsupported_version, first } = counts.skipped;
  const skipped = malformed + duplicate + out_of_order + unsupported_version;
  const lines = [`${counted(counts.rows, "row")} of ${counted(counts.decisions, "decision")}.`];
  if (skipped > 0) {
    lines.push(
      `Skipped ${counted(skipped, "line")}: ${malformed} malformed, ${duplicate} repeated, ` +
        `${out_of_order} out of order, ${unsupported_version} of a newer version; first ${first}.`,
    );
  }
  return lines;
}

/**
 * Writes a policy to a file, or to standard output for `-`. A pipe takes less at once than a policy
 * is long, so that only the stream, which waits for a slow reader, can be written to.
 */
export async function writePolicy(path: string, policy: Uint8Array): Promise<void> {
  if (path !== "-") {
    writeFileSync(path, policy);
    return;
  }
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(policy, (error) => (error ? reject(error) : resolve()));
  });
}
