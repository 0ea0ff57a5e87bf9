import { Agent, request } from "undici";

import type { Line } from "./lines.ts";

/** How a server is driven: so many calls at one time, of so many documents each at most. */
export interface Way {
  readonly calls: number;
  readonly documents: number;
}

/** Seconds that a server needs for all lines, neighbours in length beside each other. */
export async function drive(url: string, lines: readonly Line[], { calls, documents }: Way): Promise<number> {
  const bodies = lines.flatMap((line) => bodiesOf(line, documents));
  const agent = new Agent({ connections: calls });
  let next = 0;
  const client = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const answer = await request(`${url}/rerank`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        dispatcher: agent,
      });
      await answer.body.json();
      if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: calls }, client));
  const seconds = (performance.now() - began) / 1_000;
  await agent.destroy();
  return seconds;
}

function bodiesOf({ query, documents }: Line, most: number): readonly string[] {
  const sorted = documents.toSorted((a, b) => b.length - a.length);
  const calls = Math.ceil(sorted.length / most);
  const each = Math.ceil(sorted.length / calls);
  return Array.from({ length: calls }, (_, call) =>
    JSON.stringify({ query, texts: sorted.slice(call * each, (call + 1) * each), truncate: true }),
  );
}
