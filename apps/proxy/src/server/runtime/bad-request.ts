import { jsonResponse } from "../../http/json-response.ts";
import { type ErrorBody, addressErrorBody } from "../../formats/error-body.ts";

/** For what is wrong before the app can be asked. */
export function badRequest(message: string): ErrorBody {
  return addressErrorBody("bad_request", message, crypto.randomUUID());
}

export function refuseAddress(): Response {
  return jsonResponse(badRequest("the request's address or host header is not valid"), 400);
}
