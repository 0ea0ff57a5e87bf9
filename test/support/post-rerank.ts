import type { RerankResponse } from "@dheera-ai/core";

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly body: RerankResponse & { readonly message?: string };
}

/** POSTs to a proxy's `/rerank`. */
export async function postRerank(url: string, request: unknown, key?: string): Promise<Posted> {
  const response = await fetch(`${url}/rerank`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(request),
  });
  const body = (await response.json()) as Posted["body"];
  return { status: response.status, headers: response.headers, body };
}
