import { Agent, request } from "undici";

/** The key of a caller, and what it asks for. */
export interface Asked {
  readonly url: string;
  readonly key: string;
  readonly documents: readonly string[];
}

/** How requests ended. */
export interface Answers {
  /** Milliseconds of each that was answered with 200. */
  readonly milliseconds: number[];
  refused: number;
}

/**
 * As many requests at one time, each begun anew when it has ended, until the signal aborts.
 * @param answers Filled in meanwhile.
 */
export async function keepAsking(
  asked: Asked,
  connections: number,
  signal: AbortSignal,
  answers: Answers = { milliseconds: [], refused: 0 },
): Promise<Answers> {
  const agent = new Agent({ connections });
  const documents = JSON.stringify(asked.documents);
  const client = async (number: number): Promise<void> => {
    // No two queries are the same: equal work would be shared.
    for (let times = 0; !signal.aborted; times++) {
      const body = `{"model":"reranker","query":"${number} of ${process.pid}, ${times}","documents":${documents}}`;
      const began = performance.now();
      const isAnswered = await ask(agent, asked, body, signal);
      if (signal.aborted) return;
      if (isAnswered) answers.milliseconds.push(performance.now() - began);
      else answers.refused++;
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => client(number)));
  await agent.destroy();
  return answers;
}

async function ask(agent: Agent, { url, key }: Asked, body: string, signal: AbortSignal): Promise<boolean> {
  try {
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    const answer = await request(`${url}/rerank`, { method: "POST", headers, body, dispatcher: agent, signal });
    await answer.body.arrayBuffer();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}
