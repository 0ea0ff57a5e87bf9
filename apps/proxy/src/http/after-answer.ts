/**
 * Calls back once the answer to a request was written, or its client has gone away; in a later turn of the event loop where
 * the runtime does not say.
 * @param env what the runtime hands over beside the request
 */
export function afterAnswer(env: unknown, run: () => void): void {
  const outgoing = typeof env === "object" && env !== null && "outgoing" in env ? env.outgoing : undefined;
  if (isOutgoing(outgoing) && !outgoing.closed) outgoing.once("close", run);
  else setTimeout(run, 0);
}

/** What this needs of Node.js's response. */
interface Outgoing {
  readonly closed: boolean;
  once(event: "close", listener: () => void): unknown;
}

function isOutgoing(value: unknown): value is Outgoing {
  return typeof value === "object" && value !== null && "closed" in value && "once" in value;
}
