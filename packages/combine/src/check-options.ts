import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** The parameters of a combined model, checked. @throws DheeraError `invalid_request`, naming the first key at fault */
export function checkOptions<Output>(
  schema: v.GenericSchema<unknown, Output>,
  options: Readonly<Record<string, unknown>>,
): Output {
  const parsed = v.safeParse(schema, options, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  // As it stands in the file: stages[1].keep.
  const param = (v.getDotPath(issue) ?? "").replaceAll(/\.(\d+)/g, "[$1]");
  throw new DheeraError("invalid_request", `${param}: ${issue.message}`, { param });
}

/** A number with what to say where it is none, or too small. */
export function numberFrom(least: number, message: string): v.GenericSchema<number> {
  return v.pipe(v.number(message), v.finite(message), v.minValue(least, message));
}

export function countFrom(least: number, message: string): v.GenericSchema<number> {
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
}

export function modelName(message: string): v.GenericSchema<string> {
  return v.pipe(v.string(message), v.nonEmpty(message));
}

/** The first name that stands twice. */
export function repeatedName(names: readonly string[]): string | undefined {
  return names.find((name, position) => names.indexOf(name) !== position);
}
