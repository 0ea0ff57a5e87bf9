import { type Http, type HttpRequest, isHttpError } from "@dheera-ai/core";

export interface Answered {
  readonly answer: unknown;
  /** Who answered. */
  readonly url: string;
}

/**
 * Sends requests to the first of these addresses whose server knows the path (it answers neither 404 nor 405), which is
 * remembered from its first answer on.
 * @throws HttpError of the first address where none is known
 */
export function firstKnownAddress(
  http: Http,
  addresses: readonly string[],
): (request: HttpRequest) => Promise<Answered> {
  let candidates = addresses;
  return async (request) => {
    const refusals: unknown[] = [];
    for (const url of candidates) {
      try {
        const answer = await http.json(url, request);
        candidates = [url];
        return { answer, url };
      } catch (error) {
        if (!isUnknownPath(error)) throw error;
        refusals.push(error);
      }
    }
    throw refusals[0];
  };
}

function isUnknownPath(error: unknown): boolean {
  return isHttpError(error) && (error.status === 404 || error.status === 405);
}
