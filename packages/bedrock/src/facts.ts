/** What is known of a model: for its profile, for advice when it is refused, and for the pages of the documentation. */
export interface BedrockModelFacts {
  /** Glob for the model's id. */
  readonly match: string;
  /** Tokens of query plus one document. */
  readonly tokensPerDocument: number;
  /** US dollars for a search unit, which is a query with up to 100 documents. */
  readonly pricePerSearch: number;
  /** Where Amazon serves it; other regions may follow. */
  readonly regions: readonly string[];
}

/** The provider as data: what `docs/providers/bedrock.md` says. */
export interface BedrockFacts {
  readonly name: "bedrock";
  readonly label: string;
  readonly models: readonly BedrockModelFacts[];
  readonly price: { readonly date: string; readonly source: string };
  readonly quirks: readonly string[];
  readonly unverified: readonly string[];
}

export const bedrockFacts: BedrockFacts = {
  name: "bedrock",
  label: "Amazon Bedrock",
  models: [
    {
      match: "amazon.rerank-v1*",
      tokensPerDocument: 32_000,
      pricePerSearch: 0.001,
      regions: ["ap-northeast-1", "ca-central-1", "eu-central-1", "us-west-2"],
    },
    {
      match: "cohere.rerank-v3-5*",
      tokensPerDocument: 4_096,
      pricePerSearch: 0.002,
      regions: ["ap-northeast-1", "ca-central-1", "eu-central-1", "us-east-1", "us-west-2"],
    },
  ],
  price: { date: "2026-11-25", source: "LiteLLM's price map" },
  quirks: [
    "AWS credentials are for the Rerank API, a Bedrock API key is for InvokeModel: Amazon takes no such key at the Rerank API. `bedrock_api: invoke_model` signs InvokeModel with AWS credentials, for roles that may do nothing else.",
    "InvokeModel speaks each vendor's own format; Cohere's is known here, so that an API key works for `cohere.…` only.",
    "A text may have 32,000 characters: longer documents are cut there, a longer query is refused. An empty document is sent as a space, because one that is empty makes Amazon refuse all of them.",
    "Amazon gives five results where a request does not say how many; all are asked for, and further pages are fetched.",
    "The Rerank API says nothing of what it bills. Where query and document have at most 500 bytes together, a search unit for each 100 documents begun is certain, and is reported; otherwise the cost is unknown, because Amazon counts parts of 512 tokens as documents.",
    "A region has to be named somewhere; documents go to no region by default (LiteLLM takes us-west-2).",
  ],
  unverified: [
    "`max_tokens_per_doc` of Cohere's models at the Rerank API, where it is sent in `additionalModelRequestFields`",
    "usage in answers of InvokeModel, read where it stands in `meta.billed_units`",
    "the Rerank API in the partitions aws-cn and aws-us-gov",
  ],
};

/** What is known of a model; undefined for one that is not known by its id, such as an inference profile. */
export function factsOf(modelId: string): BedrockModelFacts | undefined {
  return bedrockFacts.models.find(({ match }) => modelId.startsWith(match.replace("*", "")));
}
