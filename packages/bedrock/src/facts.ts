/** What is known of a model: for its profile, and for advice when it is refused. */
export interface BedrockModelFacts {
  /** What its id begins with. */
  readonly begins: string;
  /** Tokens of query plus one document. */
  readonly tokensPerDocument: number;
  /** US dollars for a search unit, which is a query with up to 100 documents; of 2026-11-25. */
  readonly pricePerSearch: number;
  /** Where Amazon serves it; other regions may follow. */
  readonly regions: readonly string[];
}

const models: readonly BedrockModelFacts[] = [
  {
    begins: "amazon.rerank-v1",
    tokensPerDocument: 32_000,
    pricePerSearch: 0.001,
    regions: ["ap-northeast-1", "ca-central-1", "eu-central-1", "us-west-2"],
  },
  {
    begins: "cohere.rerank-v3-5",
    tokensPerDocument: 4_096,
    pricePerSearch: 0.002,
    regions: ["ap-northeast-1", "ca-central-1", "eu-central-1", "us-east-1", "us-west-2"],
  },
];

/** Undefined for a model that is not known by its id, such as an inference profile. */
export function factsOf(modelId: string): BedrockModelFacts | undefined {
  return models.find(({ begins }) => modelId.startsWith(begins));
}
