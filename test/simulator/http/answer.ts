/** What goes back over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Thrown where a request cannot be served further. */
export class Refused {
  readonly answer: Answer;
  constructor(answer: Answer) {
    this.answer = answer;
  }
}

export type TeiErrorType = "Unhealthy" | "Backend" | "Overloaded" | "Validation" | "Tokenizer" | "Empty";

/** An error as the server's own code words it: JSON with an `error_type` that decides the status. */
export function teiError(type: TeiErrorType, message: string, version: string): Answer {
  const status = type === "Validation" && !isAtLeast(version, 1, 9) ? 413 : statusOf[type];
  return json(status, { error: message, error_type: type });
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** An error of axum, the web framework below. */
export function plainText(status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

export function empty(status: number): Answer {
  return { status, body: "" };
}

const statusOf = {
  Empty: 400,
  Validation: 422,
  Tokenizer: 422,
  Backend: 424,
  Overloaded: 429,
  Unhealthy: 503,
} as const satisfies Record<TeiErrorType, number>;

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
