import type { Http, HttpRequest } from "@dheera-ai/core";

/** A request that was made, to whatever address. */
export interface RecordedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** HTTP that reaches nothing: keeps what is asked, and answers by a function. For addresses that only Amazon has. */
export function recordedHttp(answer: (request: RecordedRequest) => unknown): {
  readonly http: Http;
  readonly requests: readonly RecordedRequest[];
} {
  const requests: RecordedRequest[] = [];
  const json = async (url: string, { headers = {}, body }: HttpRequest = {}): Promise<unknown> => {
    const request = { url, headers, body: typeof body === "string" ? JSON.parse(body) : body };
    requests.push(request);
    return answer(request);
  };
  const refuse = async (): Promise<never> => {
    throw new Error("the provider lets core read refusals");
  };
  return { http: { json, request: refuse }, requests };
}
