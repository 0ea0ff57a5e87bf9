/** Longer or stranger ids are not taken over: they end up in logs and headers. */
const sane = /^[\w.:/+=-]{1,128}$/;

/** The id that everything about a request carries: the caller's own where it sent a sane one, a new one otherwise. */
export function callIdOf(headers: Pick<Headers, "get">): string {
  const given = headers.get("x-dheera-call-id") ?? headers.get("x-litellm-call-id");
  return given !== null && sane.test(given) ? given : crypto.randomUUID();
}
