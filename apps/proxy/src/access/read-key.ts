/** The key of a request: `Authorization: Bearer …`, a bare token there (some clients send it so), or one of the headers that clients use instead. */
export function readKey(headers: Pick<Headers, "get">, ownHeader: string | undefined): string | undefined {
  if (ownHeader !== undefined) {
    const own = headers.get(ownHeader);
    if (own) return bare(own);
  }
  const authorization = headers.get("authorization");
  if (authorization) return bare(authorization);
  return headers.get("x-api-key") ?? headers.get("x-litellm-api-key") ?? undefined;
}

function bare(value: string): string {
  return /^bearer\s/i.test(value) ? value.slice("bearer ".length).trim() : value.trim();
}
