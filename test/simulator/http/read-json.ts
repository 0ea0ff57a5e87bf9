import * as v from "valibot";

import { Refused, plainText } from "./answer.ts";
import type { RequestContext } from "./request-context.ts";

/**
 * Reads a body as axum's `Json` extractor does: content type, then size, then JSON, then shape; each with its own
 * refusal.
 */
export function readJson<Output>(
  { headers, body, settings }: RequestContext,
  schema: v.GenericSchema<unknown, Output>,
): Output {
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(headers["content-type"] ?? ""))
    throw new Refused(plainText(415, "Expected request with `Content-Type: application/json`"));
  if (body.length > settings.payloadLimit)
    throw new Refused(plainText(413, "Failed to buffer the request body: length limit exceeded"));
  const result = v.safeParse(schema, parse(body));
  if (!result.success)
    throw new Refused(
      plainText(
        422,
        `Failed to deserialize the JSON body into the target type: ${v.getDotPath(result.issues[0]) ?? "body"}: ${result.issues[0].message}`,
      ),
    );
  return result.output;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new Refused(plainText(400, `Failed to parse the request body as JSON: ${String(error)}`));
  }
}
