/** Headers as plain data: on Node.js the server then writes them without making a `Headers` object. */
export type ResponseHeaders = Record<string, string>;

/** A JSON answer. */
export function jsonResponse(body: unknown, status = 200, headers: ResponseHeaders = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "x-content-type-options": "nosniff", ...headers },
  });
}
