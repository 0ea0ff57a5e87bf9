import { DheeraError } from "../errors.ts";

/** Something that a provider returned and that the contract does not allow. */
export interface Fault {
  readonly what: "profile" | "result";
  /** Empty where it is all of it. */
  readonly field: string;
  readonly value: unknown;
  /** For people: `a whole number from 1 on`. */
  readonly wanted: string;
}

/**
 * The error that says so in the provider's name. It names the type of what came, and the value only of a number, because a
 * text may be of a document.
 */
export function providerFault(provider: string, { what, field, value, wanted }: Fault): DheeraError {
  const subject = field === "" ? `its ${what}` : `${field} of its ${what}`;
  return new DheeraError(
    "provider_bad_response",
    `the provider ${provider} has a fault: ${subject} is ${whatIs(value)}, where ${wanted} belongs`,
    { provider, defect: true },
  );
}

function whatIs(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return value === "" ? "an empty text" : "a text";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
