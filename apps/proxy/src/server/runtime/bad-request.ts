import { type ErrorBody, addressErrorBody } from "../../formats/error-body.ts";
import { jsonResponse } from "../../http/json-response.ts";

/** The error body of a request that is refused before the app sees it. */
export function badRequest(message: string): ErrorBody {
  return addressErrorBody("bad_request", message, crypto.randomUUID());
}

export function refuseAddress(): Response {
  return jsonResponse(badRequest("the request's address or host header is not valid"), 400);
}
