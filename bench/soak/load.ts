import { Pool } from "undici";

import { createRandom } from "../../test/simulator/random.ts";
import { textOf } from "../dispatch/texts.ts";
import { masterKey, modelName } from "./proxy.ts";

const connections = 32;
/** One in so many requests is given up by its client. */
const impatience = 25;

/** How often each status was answered, and how often the client did not wait for it. */
export type Answers = ReadonlyMap<number | "given up", number>;

/** Requests of 1 to 200 documents at full speed until it is stopped; a part of the pairs was asked before. */
export async function load(url: string, signal: AbortSignal): Promise<Answers> {
  const pool = new Pool(url, { connections });
  const random = createRandom(7);
  const answers = new Map<number | "given up", number>();
  const client = async (): Promise<void> => {
    while (!signal.aborted) {
      const first = random.skewed(1, 1_000_000);
      const documents = Array.from({ length: random.skewed(1, 200) }, (_, position) =>
        textOf(random.skewed(5, 300), first + position),
      );
      const body = JSON.stringify({ model: modelName, query: textOf(8, random.skewed(1, 10_000)), documents });
      const givingUp = random.chance(1 / impatience) ? AbortSignal.timeout(random.integer(1, 20)) : undefined;
      const answer = await ask(pool, body, givingUp);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  return answers;
}

async function ask(pool: Pool, body: string, givingUp: AbortSignal | undefined): Promise<number | "given up"> {
  try {
    const { statusCode, body: answer } = await pool.request({
      method: "POST",
      path: "/rerank",
      headers: { "content-type": "application/json", authorization: `Bearer ${masterKey}` },
      body,
      ...(givingUp && { signal: givingUp }),
    });
    await answer.text();
    return statusCode;
  } catch (error) {
    if (givingUp?.aborted) return "given up";
    throw error;
  }
}
