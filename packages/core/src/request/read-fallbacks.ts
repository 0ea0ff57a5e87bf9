import { DheeraError } from "../errors.ts";

/** Entries, names in an entry, and names that count. */
const mostFallbacks = 10;
const mostCharacters = 200;

/**
 * The model names of a request's `fallbacks`, in any form that LiteLLM's clients send: names, `{ "model": name }`, or
 * `{ "model that fails": [names] }`, of which the one for the requested model (or `*`) counts.
 * @throws DheeraError `invalid_request`
 */
export function readFallbacks(list: readonly unknown[], model: string): readonly string[] {
  if (list.length > mostFallbacks) throw tooMany();
  // As with `max_fallbacks`, which is less unless the operator has raised it, the first ones count.
  return list.flatMap((entry, index) => namesIn(entry, model, `fallbacks[${index}]`)).slice(0, mostFallbacks);
}

function namesIn(entry: unknown, model: string, param: string): readonly string[] {
  if (isName(entry)) return [entry];
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw invalid(param, expected);
  const fields = Object.entries(entry);
  const [only] = fields;
  if (fields.length !== 1 || !only) throw invalid(param, "may name a model and change nothing else of the request");
  const [name, value]: [string, unknown] = only;
  if (name === "model" && isName(value)) return [value];
  if (!Array.isArray(value) || value.length > mostFallbacks || !value.every(isName)) throw invalid(param, expected);
  return name === model || name === "*" ? value : [];
}

const expected = "must be a model name, or an object such as { model: [names] }";

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= mostCharacters;
}

function tooMany(): DheeraError {
  return invalid("fallbacks", `may name ${mostFallbacks} models at most`);
}

function invalid(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}
