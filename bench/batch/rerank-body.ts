import type { RerankRequest } from "@dheera-ai/core";
import { array, object, parse, string } from "valibot";

const body = object({ model: string(), query: string(), documents: array(string()) });

/** The request in a line that the bench has made. */
export function parseRerankBody(value: unknown): RerankRequest {
  return parse(body, value);
}
