/** Headers as plain data: on Node.js the server then writes them without making a `Headers` object. */
export type ResponseHeaders = Record<string, string>;

/** A JSON answer. The headers become its own. */
export function jsonResponse(body: unknown, status = 200, headers: ResponseHeaders = {}): Response {
  headers["content-type"] = "application/json";
  headers["x-content-type-options"] = "nosniff";
  return new Response(JSON.stringify(body), { status, headers });
}
