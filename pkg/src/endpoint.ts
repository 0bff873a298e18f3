import { type ErrorCode, MoodloopError } from "./error.js";
import { check, isObject } from "./options.js";

/** Where to send to, and as whom. */
export interface EndpointOptions {
  /** Where the Worker is: what stands before `/api/v1`. */
  url: string | URL;
  /** The visitor's bearer token, or what gives a fresh one; none where the Worker asks for none. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Whose events they are; the token's `sub` when absent. */
  user_id?: string | undefined;
}

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 30_000;
/** The longest that a server may ask to wait, in milliseconds: a day. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

/** Codes by status, for answers that do not say their own. */
const CODES: Record<number, ErrorCode> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "payload_too_large",
  429: "rate_limited",
};

/** A failure that may pass by itself. */
export class Passing extends MoodloopError {
  /** The least time until the next try, in milliseconds, as far as the server said. */
  readonly wait: number;

  /** A failure after which a try makes sense in `wait` milliseconds. */
  constructor(code: ErrorCode, message: string, wait: number, options?: ErrorOptions) {
    super(code, message, options);
    this.wait = wait;
  }
}

/** The Worker's API, as one visitor uses it. */
export class Endpoint {
  readonly #base: URL;
  readonly #token: EndpointOptions["token"];
  readonly #user_id: string | undefined;

  /** @throws MoodloopError `invalid_options` for options that name no place or no user. */
  constructor({ url, token, user_id }: EndpointOptions) {
    const text = url instanceof URL ? url.href : url;
    const here = typeof location === "object" ? location.href : undefined;
    check("url", typeof text === "string" && URL.canParse(text, here), "an address");
    const base = new URL(text, here);
    check("url", /^https?:$/.test(base.protocol), "an address of http or https");
    if (!base.pathname.endsWith("/")) {
      base.pathname += "/";
    }
    this.#base = base;
    const given = token === undefined || typeof token === "string" || typeof token === "function";
    check("token", given, "text, or a function that gives some");
    const named = user_id === undefined || (typeof user_id === "string" && user_id !== "");
    check("user_id", named, "1 to 128 characters");
    check("user_id", token !== undefined || user_id !== undefined, "there where no token names it");
    this.#token = token;
    this.#user_id = user_id;
  }

  /** The token, and whose it is. */
  async identity(): Promise<{ token: string | undefined; user_id: string }> {
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    const user_id = this.#user_id ?? subject(token);
    if (user_id === undefined) {
      throw new MoodloopError("unauthorized", "the token names no user: give `user_id`");
    }
    return { token, user_id };
  }

  /**
   * Asks, and gives an answer below 400.
   *
   * @throws Passing for an answer that a later try may better, MoodloopError with the server's code
   * for any other refusal.
   */
  async ask(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#base), {
        ...init,
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (cause) {
      throw new Passing("unreachable", `\`${this.#base.host}\` cannot be reached`, 0, { cause });
    }
    if (response.ok || response.status === 304) {
      return response;
    }
    throw await refusal(response);
  }
}

/** The error that an answer says. */
async function refusal(response: Response): Promise<MoodloopError> {
  const { status } = response;
  const said: unknown = await response.json().catch(() => undefined);
  const error = isObject(said) && "error" in said && isObject(said.error) ? said.error : {};
  const known = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const code = (known as ErrorCode | undefined) ?? CODES[status] ?? "refused";
  const message =
    "message" in error && typeof error.message === "string"
      ? error.message
      : `the server answered \`${status}\``;
  if (status === 429 || status === 408) {
    return new Passing("rate_limited", message, waitOf(response));
  }
  return status >= 500
    ? new Passing("unreachable", message, waitOf(response))
    : new MoodloopError(code, message);
}

/** `Retry-After` in milliseconds, be it seconds or a date. */
function waitOf(response: Response): number {
  const given = response.headers.get("retry-after") ?? "";
  const seconds = Number(given);
  const wait = given !== "" && seconds >= 0 ? seconds * 1000 : Date.parse(given) - Date.now();
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}

/** The `sub` of a JSON Web Token. */
function subject(token: string | undefined): string | undefined {
  try {
    const [, payload = ""] = (token ?? "").split(".");
    const text = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const known = isObject(claims) && "sub" in claims && typeof claims.sub === "string";
    return known ? (claims.sub as string) : undefined;
  } catch {
    return undefined;
  }
}
