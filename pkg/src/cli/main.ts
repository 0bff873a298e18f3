import { readFileSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import { MoodloopError } from "../error.js";
import { startLab } from "../start-lab.node.js";
import { type Command, InputError, UsageError } from "./command.js";
import { convert } from "./convert.js";
import { evaluate } from "./evaluate.js";
import { inspect } from "./inspect.js";
import { simulate } from "./simulate.js";
import { train } from "./train.js";

const commands: Record<string, Command> = { evaluate, train, inspect, simulate, convert };

const help = `Usage: moodloop COMMAND [OPTION]...

Evaluates, trains and inspects policies of moodloop, and simulates audiences.

Commands:
${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join("\n")}

Options:
  -h, --help     Print help; moodloop COMMAND --help for one command.
  -V, --version  Print the version.

Examples:
  moodloop simulate --learners uniform --log log.jsonl
  moodloop train log.jsonl -o policy.bin
  moodloop inspect policy.bin
  moodloop evaluate later.jsonl --policy ./policy.bin

Exit codes: 0 done; 1 the input is bad or cannot be read; 2 the command line is wrong.
`;

/** Runs a command line; gives the exit code. */
export async function main(args: string[]): Promise<number> {
  // A reader that has seen enough, such as head, is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  const [name, ...rest] = args;
  try {
    await dispatch(name, rest);
    return 0;
  } catch (error) {
    return failed(error, name);
  }
}

async function dispatch(name: string | undefined, args: string[]): Promise<void> {
  if (name === "-h" || name === "--help") {
    process.stdout.write(help);
  } else if (name === "-V" || name === "--version") {
    const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    process.stdout.write(`${JSON.parse(manifest).version}\n`);
  } else if (name === undefined) {
    throw new UsageError("a command is missing");
  } else {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) {
      throw new UsageError(`there is no command \`${name}\``);
    }
    if (args.includes("--help") || args.includes("-h")) {
      process.stdout.write(command.help);
      return;
    }
    startLab();
    await command.run(args);
  }
}

/** Tells what went wrong, on one line, and gives the exit code. */
function failed(error: unknown, name: string | undefined): number {
  const known = name !== undefined && Object.hasOwn(commands, name);
  const told = (text: string) => process.stderr.write(`moodloop: ${text}\n`);
  if (isUsage(error)) {
    told(error.message);
    process.stderr.write(`Try \`moodloop ${known ? `${name} ` : ""}--help\`.\n`);
    return 2;
  }
  if (error instanceof MoodloopError || error instanceof InputError) {
    told(error.message);
    return 1;
  }
  if (isSystem(error)) {
    const [, what] = getSystemErrorMap().get(error.errno ?? 0) ?? [error.code, error.message];
    told(error.path === undefined ? what : `\`${error.path}\`: ${what}`);
    return 1;
  }
  throw error;
}

function isUsage(error: unknown): error is Error {
  return (
    error instanceof UsageError ||
    (error instanceof MoodloopError && error.code === "invalid_options") ||
    (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_"))
  );
}

/** A file that is not there, a full disk and the like. */
function isSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
