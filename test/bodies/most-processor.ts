import { costOf } from "./watched-app.ts";

/**
 * Milliseconds of the processor that a body of this size may take, at the pace of this process at this moment: some times
 * what it takes to parse an ordinary body of this size, and the costliest one that is allowed.
 */
export async function mostProcessor(bytes: number): Promise<number> {
  const [ordinary, costliest] = [ordinaryBody(bytes), costliestBody(Math.min(bytes, mostCostly))];
  const [, { processor: ordinaryTime }] = await costOf(() => JSON.parse(ordinary));
  const [, { processor: costliestTime }] = await costOf(() => JSON.parse(costliest));
  return 100 + 25 * ordinaryTime + 3 * costliestTime;
}

/** A body of about this size as everybody sends them. */
function ordinaryBody(bytes: number): string {
  return JSON.stringify({ documents: Array.from({ length: bytes / 200 + 1 }, () => "words ".repeat(33)) });
}

/** Bytes of the costliest body that `max_request_values` allows. */
const mostCostly = 2_000_000;

/** Every field has a name that the engine has not seen before. */
function costliestBody(bytes: number): string {
  const salt = Math.random().toString(36).slice(2);
  return `{${Array.from({ length: bytes / 20 + 1 }, (_, number) => `"${salt}${number}":0`).join(",")}}`;
}
