import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** `shadow` of an entry of `model_list`, with its defaults. */
export interface ShadowSettings {
  /** The model name that is asked as well. */
  readonly model: string;
  /** The part of requests, 0 to 1. */
  readonly sample: number;
  /** Seconds for one request. */
  readonly timeout: number;
  /** At one time. */
  readonly max_parallel: number;
  /** US dollars. */
  readonly max_cost_per_day: number;
}

const amount = (least: number, most: number, message: string) =>
  v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message));

const settings: v.GenericSchema<unknown, ShadowSettings> = v.strictObject(
  {
    model: v.pipe(v.string("must be a model name"), v.nonEmpty("must be a model name")),
    sample: v.optional(amount(0, 1, "must be a number from 0 to 1: the part of requests"), 0.05),
    timeout: v.optional(amount(0.001, 3_600, "must be a number of seconds, 0.001 to 3600"), 30),
    max_parallel: v.optional(
      v.pipe(amount(1, 1_000, "must be a whole number, 1 to 1000"), v.integer("must be a whole number, 1 to 1000")),
      4,
    ),
    max_cost_per_day: v.optional(amount(0, Infinity, "must be US dollars, not negative"), Infinity),
  },
  "must be an object such as { model: candidate, sample: 0.05 }; its keys are model, sample, timeout, max_parallel and max_cost_per_day",
);

/** @throws DheeraError `invalid_request`, naming the key at fault */
export function readShadow(value: unknown): ShadowSettings {
  const read = v.safeParse(settings, value);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const path = issue.received === "undefined" ? "shadow.model" : ["shadow", v.getDotPath(issue) ?? []].flat().join(".");
  throw new DheeraError(
    "invalid_request",
    `${path}: ${issue.received === "undefined" ? "is required" : issue.message}`,
    {
      param: path,
    },
  );
}
