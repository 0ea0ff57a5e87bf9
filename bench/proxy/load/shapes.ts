/** A request as rerank users send it: how many documents of how many bytes. */
export interface Shape {
  readonly name: string;
  readonly documents: number;
  readonly bytes: number;
}

export const smallShape: Shape = { name: "4 × 80 B", documents: 4, bytes: 80 };
export const largeShape: Shape = { name: "100 × 1 kB", documents: 100, bytes: 1_000 };
export const shapes: readonly Shape[] = [
  smallShape,
  largeShape,
  { name: "1,000 × 0.5 kB", documents: 1_000, bytes: 500 },
  { name: "25 × 8 kB", documents: 25, bytes: 8_000 },
];

/** Stands in the query where a load may put what makes each request another: sixteen characters. */
export const serial = "0000000000000000";
const query = `${serial} which bridge is old?`;

const words =
  "the quick brown fox jumps over lazy dogs while seven wizards brew potent liquids beside an ancient stone bridge".split(
    " ",
  );

/** Documents of plain words, all different. */
export function documentsOf({ documents, bytes }: Omit<Shape, "name">): readonly string[] {
  return Array.from({ length: documents }, (_, position) => {
    let text = `${position} `;
    for (let word = position; text.length < bytes; word++) text += `${words[word % words.length]} `;
    return text.slice(0, bytes);
  });
}

/** Results that a request to the proxy asks for. */
export const mostAsked = 10;

/** The request to the proxy. */
export function proxyBody(shape: Shape, model: string): string {
  return JSON.stringify({ model, query, documents: documentsOf(shape), top_n: mostAsked });
}

/** The request that the proxy sends on. */
export function upstreamBody(shape: Shape): string {
  return JSON.stringify({ query, texts: documentsOf(shape), truncate: true });
}

/** What a Text Embeddings Inference server answers, best first. */
export function upstreamAnswer({ documents }: Pick<Shape, "documents">): string {
  return JSON.stringify(
    Array.from({ length: documents }, (_, rank) => ({
      index: documents - 1 - rank,
      score: Math.fround(1 / (rank + 1.5)),
    })),
  );
}
