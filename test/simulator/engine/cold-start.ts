import type { IncomingHttpHeaders } from "node:http";

import { type Answer, json, plainText } from "../http/answer.ts";

/** A model that is not there yet. The first request wakes it; it serves this many milliseconds later. */
export type ColdStart =
  /** As the serverless API: 503 with an `estimated_time` (seconds) meanwhile. */
  | { readonly kind: "loading"; readonly milliseconds: number; readonly estimatedTime?: number }
  /** As an Inference Endpoint: 503 meanwhile, or the request is held for up to `X-Scale-Up-Timeout` seconds. */
  | { readonly kind: "scaled-to-zero"; readonly milliseconds: number };

/** Whether the model is there. */
export class Warmth {
  /** How often it was woken up. */
  starts = 0;
  readonly #coldStart: ColdStart | undefined;
  readonly #modelId: string;
  #warm: boolean;
  #warming: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onWarm: (() => void) | undefined;

  constructor(coldStart: ColdStart | undefined, modelId: string) {
    this.#coldStart = coldStart;
    this.#modelId = modelId;
    this.#warm = coldStart === undefined;
  }

  /** The refusal while it is cold; nothing once it is warm. */
  async admit(headers: IncomingHttpHeaders): Promise<Answer | undefined> {
    if (this.#warm || this.#coldStart === undefined) return undefined;
    const warming = (this.#warming ??= this.#warmUp(this.#coldStart.milliseconds));
    if (this.#coldStart.kind === "loading")
      return json(503, {
        error: `Model ${this.#modelId} is currently loading`,
        estimated_time: this.#coldStart.estimatedTime ?? this.#coldStart.milliseconds / 1000,
      });
    const heldSeconds = Number(headers["x-scale-up-timeout"] ?? 0);
    if (heldSeconds > 0 && (await isDoneWithin(warming, heldSeconds * 1000))) return undefined;
    return plainText(503, "Service Unavailable");
  }

  /** Back to sleep: the next request wakes it again. */
  coolDown(): void {
    clearTimeout(this.#timer);
    this.#warming = undefined;
    this.#warm = this.#coldStart === undefined;
  }

  /** Ends the start that is under way before its time. */
  finish(): void {
    if (this.#warming === undefined) return;
    clearTimeout(this.#timer);
    this.#warm = true;
    this.#onWarm?.();
  }

  #warmUp(milliseconds: number): Promise<void> {
    this.starts += 1;
    return new Promise((resolve) => {
      this.#onWarm = resolve;
      this.#timer = setTimeout(() => this.finish(), milliseconds);
    });
  }
}

async function isDoneWithin(work: Promise<void>, milliseconds: number): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, milliseconds, false).unref();
  const done = await Promise.race([work.then(() => true), tooLate]);
  clearTimeout(timer);
  return done;
}
