/** A request as rerank users send it: how many documents of how many bytes. */
export interface Shape {
  readonly name: string;
  readonly documents: number;
  readonly bytes: number;
}

export const shapes: readonly Shape[] = [
  { name: "4 × 80 B", documents: 4, bytes: 80 },
  { name: "100 × 1 kB", documents: 100, bytes: 1_000 },
  { name: "1,000 × 0.5 kB", documents: 1_000, bytes: 500 },
  { name: "25 × 8 kB", documents: 25, bytes: 8_000 },
];

const words = "the quick brown fox jumps over lazy dogs while seven wizards brew potent liquids beside an ancient stone bridge".split(" ");

/** Documents of plain words, all different; `salt` makes them different from those of another request. */
function documentsOf({ documents, bytes }: Shape, salt = ""): readonly string[] {
  return Array.from({ length: documents }, (_, position) => {
    const head = `${salt}${position} `;
    let text = head;
    for (let word = position; text.length < bytes; word++) text += `${words[word % words.length]} `;
    return text.slice(0, bytes);
  });
}

/** The request to the proxy. */
export function proxyBody(shape: Shape, model: string, salt = ""): string {
  return JSON.stringify({ model, query: `${salt}which bridge is old?`, documents: documentsOf(shape, salt), top_n: 10 });
}

/** The request that the proxy sends on. */
export function upstreamBody(shape: Shape): string {
  return JSON.stringify({ query: "which bridge is old?", texts: documentsOf(shape), truncate: true });
}

/** What a Text Embeddings Inference server answers, best first. */
export function upstreamAnswer({ documents }: Shape): string {
  return JSON.stringify(
    Array.from({ length: documents }, (_, rank) => ({ index: documents - 1 - rank, score: Math.fround(1 / (rank + 1.5)) })),
  );
}
