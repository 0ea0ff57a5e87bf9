/** The request as a bare server takes it, unchecked. */
interface Asked {
  readonly query: string;
  readonly documents: readonly string[];
  readonly top_n: number;
}

interface Ranked {
  readonly index: number;
  readonly score: number;
}

export function parseAsked(text: string): Asked {
  return JSON.parse(text);
}

/** What the upstream is sent. */
export function callOf({ query, documents }: Asked): string {
  return JSON.stringify({ query, texts: documents, truncate: true });
}

/** The upstream's answer as the caller's: the best `top_n`, sorted. */
export function answerOf({ top_n: topN }: Asked, text: string): string {
  const ranking: Ranked[] = JSON.parse(text);
  ranking.sort((a, b) => b.score - a.score);
  return JSON.stringify({
    results: ranking.slice(0, topN).map(({ index, score }) => ({ index, relevance_score: score })),
  });
}
