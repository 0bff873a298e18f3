/**
 * What went wrong, as a stable word that programs may compare.
 *
 * `closed` is said by anything used after `free()` or `close()`, `unavailable` where what is stored
 * cannot be changed as asked, or nothing may be sent; `internal` is a fault of this package. Syncing
 * adds what a server says: from `unauthorized` to `rate_limited`, `refused` for any other refusal,
 * and `unreachable` where there is no answer or the server is at fault.
 */
export type ErrorCode =
  | "invalid_context"
  | "invalid_feedback"
  | "invalid_reward"
  | "invalid_params"
  | "invalid_options"
  | "invalid_item"
  | "unknown_decision"
  | "evidence_full"
  | "corrupt_model"
  | "corrupt_log"
  | "unsupported_version"
  | "provider_failed"
  | "unavailable"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "payload_too_large"
  | "rate_limited"
  | "refused"
  | "unreachable"
  | "closed"
  | "internal";

/**
 * The one error of this package.
 *
 * ```js
 * import { MoodloopError, parameters } from "moodloop/agent";
 *
 * try {
 *   parameters("low_focused_familiar", { content_type: "musik", time_of_day: "night" });
 * } catch (error) {
 *   console.assert(error instanceof MoodloopError);
 *   console.assert(error.code === "invalid_context");
 * }
 * ```
 */
export class MoodloopError extends Error {
  /** Always `MoodloopError`. */
  override readonly name = "MoodloopError";
  /** The stable word for programs; the message is for people and may change. */
  readonly code: ErrorCode;

  /** An error with a code and one lowercase line that quotes the offending input in backticks. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The error of something that was used after it had been closed or freed. */
  static closed(what: string): MoodloopError {
    return new MoodloopError("closed", `${what} is closed`);
  }

  /** What the core threw, as this class; anything that is no error of the core becomes `internal`. */
  static from(error: unknown): MoodloopError {
    if (error instanceof MoodloopError) {
      return error;
    }
    if (error instanceof Error && "code" in error && typeof error.code === "string") {
      return new MoodloopError(error.code as ErrorCode, error.message);
    }
    if (error instanceof DOMException) {
      return new MoodloopError("unavailable", error.message, { cause: error });
    }
    const message = error instanceof Error ? error.message : String(error);
    return new MoodloopError("internal", message, { cause: error });
  }
}

/** Runs a call into the core and turns what it throws into a {@link MoodloopError}. */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw MoodloopError.from(error);
  }
}
