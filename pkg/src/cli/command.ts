/** One command of the command line. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** What `--help` prints. */
  help: string;
  /** Runs it on the arguments after its name. */
  run(args: string[]): Promise<void>;
}

/** A command line that cannot be understood: exit code 2. */
export class UsageError extends Error {}

/** Input that cannot be used, outside the core's own errors: exit code 1. */
export class InputError extends Error {}
