import * as v from "valibot";
import { expect, it } from "vitest";

import { startEngineProxy } from "./engine-proxy.ts";
import { readRecording, replay } from "./recorded.ts";

// What Weaviate 1.35.2 itself, started by hand before this proxy, sent and returned.
const { exchanges } = await readRecording("weaviate");

it("answers a Weaviate that starts", async () => {
  await using proxy = await startEngineProxy();
  const answers = await Promise.all(requestsOf("start").map((request) => replay(request, proxy)));
  expect(answers.map(({ status }) => status)).toEqual([204, 200]);
});

const sent = v.union([
  v.object({ documents: v.array(v.string()) }),
  v.pipe(
    v.object({ passages: v.array(v.object({ text: v.string() })) }),
    v.transform(({ passages }) => ({ documents: passages.map(({ text }) => text) })),
  ),
]);

const answered = v.union([
  v.pipe(
    v.object({ scores: v.array(v.object({ score: v.number() })) }),
    v.transform(({ scores }) => scores.map(({ score }) => score)),
  ),
  v.pipe(
    v.object({ results: v.array(v.object({ index: v.number(), relevance_score: v.number() })) }),
    v.transform(({ results }) => placed(results.map(({ index, relevance_score: score }) => [index, score]))),
  ),
  v.pipe(
    v.object({ rankings: v.array(v.object({ index: v.number(), logit: v.number() })) }),
    v.transform(({ rankings }) => placed(rankings.map(({ index, logit }) => [index, logit]))),
  ),
]);

it.each(exchanges.filter(({ ranked }) => ranked !== undefined))(
  "gives the module $what the scores that Weaviate returned, each to its text",
  async ({ requests, ranked = [] }) => {
    await using proxy = await startEngineProxy();
    const pairs: (readonly [string, number])[] = [];
    for (const request of requests) {
      const answer = await replay(request, proxy);
      expect(answer.status).toBe(200);
      const { documents } = v.parse(sent, JSON.parse(request.body ?? ""));
      const scores = v.parse(answered, JSON.parse(answer.body));
      expect(scores).toHaveLength(documents.length);
      for (const [index, score] of scores.entries()) pairs.push([documents[index] ?? "", score]);
    }
    const returned = ranked.map(({ text, score }) => [text ?? "", score] as const);
    expect(pairs.toSorted(byScoreAndText)).toEqual(returned.toSorted(byScoreAndText));
    const scores = returned.map(([, score]) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  },
);

function requestsOf(what: string): (typeof exchanges)[number]["requests"] {
  return exchanges.find((exchange) => exchange.what === what)?.requests ?? [];
}

function placed(pairs: readonly (readonly [number, number])[]): number[] {
  const list = pairs.map(() => Number.NaN);
  for (const [index, score] of pairs) list[index] = score;
  return list;
}

function byScoreAndText([one, score]: readonly [string, number], [other, than]: readonly [string, number]): number {
  return than - score || (one < other ? -1 : Number(one > other));
}
