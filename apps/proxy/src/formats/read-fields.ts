import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/**
 * Checks the fields of a body of another server's client.
 * @throws DheeraError `invalid_request` naming the first field at fault, by the name that the client knows
 */
export function readFields<Fields>(schema: v.GenericSchema<unknown, Fields>, body: unknown): Fields {
  const parsed = v.safeParse(schema, body, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const param = v.getDotPath(issue) ?? undefined;
  const message = issue.received === "undefined" ? "is required" : issue.message;
  throw param === undefined ? new DheeraError("invalid_request", message) : invalidField(param, message);
}

/** @throws DheeraError `invalid_request` for a list, which a schema for objects takes for an object without fields */
export function refuseList(body: unknown, field: string): void {
  if (typeof body === "object" && body !== null && Array.isArray(Reflect.get(body, field)))
    throw invalidField(field, "must be an object, not a list");
}

export function invalidField(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}

/** @throws DheeraError `invalid_request` when there is none, for the clients of servers that serve one model */
export function modelOr(model: string | null | undefined, firstModel: string | undefined): string {
  const known = model ?? firstModel;
  if (known === undefined) throw invalidField("model", "is required, because there is no model that you may use");
  return known;
}
