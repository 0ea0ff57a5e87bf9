import { type Answer, json, plainText, teiError } from "../http/answer.ts";
import { createRandom, scramble } from "../random.ts";

/** What goes wrong with one request. */
export type Fault =
  /** The connection is reset before anything is answered. */
  | { readonly kind: "reset" }
  /** Nothing is ever answered. */
  | { readonly kind: "hang" }
  /** The right answer, later. */
  | { readonly kind: "slow"; readonly milliseconds: number }
  /**
   * Another status. A string is sent as plain text, everything else as JSON; absent: what the server says with this
   * status.
   */
  | {
      readonly kind: "refuse";
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Status 200 and nonsense. */
  | { readonly kind: "garbage"; readonly garbage: Garbage }
  /** The process seems to die in the middle of the body. */
  | { readonly kind: "death" };

export type Garbage =
  | "html"
  | "empty"
  | "wrong-shape"
  | "duplicate-index"
  | "missing-index"
  | "index-out-of-range"
  | "fractional-index"
  | "null-score"
  | "nan-score"
  | "text-score"
  | "cut-json";

export const garbages: readonly [Garbage, ...Garbage[]] = [
  "html",
  "empty",
  "wrong-shape",
  "duplicate-index",
  "missing-index",
  "index-out-of-range",
  "fractional-index",
  "null-score",
  "nan-score",
  "text-score",
  "cut-json",
];

/** A request as a script sees it. */
interface ScriptedCall {
  /** `/rerank`, `/info` … */
  readonly path: string;
  /** 1 for the first request to this path since the simulator was made. */
  readonly number: number;
  /** The texts to be scored; none where the request has no such thing. */
  readonly texts: readonly string[];
}

/** Decides what goes wrong with a request; nothing when it answers undefined. */
export type Script = (call: ScriptedCall) => Fault | undefined;

/** The fault for scoring requests with these numbers (1 is the first). */
export function onNumbers(numbers: readonly number[], fault: Fault): Script {
  return (call) => (isScoring(call) && numbers.includes(call.number) ? fault : undefined);
}

/** The fault for every scoring request. */
export function always(fault: Fault): Script {
  return (call) => (isScoring(call) ? fault : undefined);
}

/** Faults for this share (0..1) of the scoring requests; which, depends only on the seed and the request's number. */
export function randomly(rate: number, faults: readonly [Fault, ...Fault[]], seed: number): Script {
  return (call) => {
    if (!isScoring(call)) return undefined;
    const random = createRandom(scramble(seed) ^ call.number);
    return random.chance(rate) ? random.pick(faults) : undefined;
  };
}

/** The refusal of a fault, in the server's own words where the fault brings none. */
export function refusalOf({ status, body, headers }: Extract<Fault, { kind: "refuse" }>, version: string): Answer {
  const answer =
    body === undefined
      ? ownWords(status, version)
      : typeof body === "string"
        ? plainText(status, body)
        : json(status, body);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function ownWords(status: number, version: string): Answer {
  if (status === 429) return teiError("Overloaded", "Model is overloaded", version);
  if (status === 424) return teiError("Backend", "Inference failed", version);
  if (status === 503) return teiError("Unhealthy", "unhealthy", version);
  return plainText(status, "Internal Server Error");
}

export function isScoring(call: { readonly path: string }): boolean {
  return ["/rerank", "/predict", "/similarity", "/", "/invocations"].includes(call.path);
}
