import { sessionHeaders } from "../../ranking/rank-asked.ts";
import { rerankAliases, rerankPaths, teiPaths } from "../../routes/rerank.ts";
import { reference } from "../component-schemas.ts";
import { ownOrTeiErrors, rerankErrors } from "../error-responses.ts";
import { exampleCallId, exampleDocuments as documents, exampleQuery as query } from "../examples.ts";
import type { Example, Examples, Operation, Parameter, Paths } from "../open-api.ts";
import { rerankHeaders } from "../response-headers.ts";

/** The same operation at every path that clients use. */
export function describeRerankPaths(): Paths {
  return Object.fromEntries(rerankPaths.map((path) => [path, { post: operation(path) }]));
}

function operation(path: string): Operation {
  const isTei = teiPaths.includes(path);
  const others = Object.entries(rerankAliases).flatMap(([alias, meant]) => (meant === path ? [`\`${alias}\``] : []));
  return {
    operationId: `rerank${path.replace("/rerank", "").replace("/v", "V")}`,
    tags: ["Rerank"],
    summary: "Rank documents by their relevance to a query",
    description: [
      "Documents come back best first, ties in the order of the request. Cohere's fields mean what they mean there; null is the same as absent, and unknown fields are let through unseen.",
      "Up to 10,000 documents make one request: they are split into calls that the upstream accepts, spread over its replicas, and merged.",
      isTei
        ? "A request with `texts` in place of `documents` is one of Text Embeddings Inference, and is answered in its shape."
        : "Requests of Text Embeddings Inference, with `texts` in place of `documents`, go to `/rerank`.",
      "Fields with which other gateways let a request choose its upstream (`api_base`, `base_url`, `api_key`, `extra_headers` and the like) are refused.",
      `The same at ${others.join(", ")}.`,
    ].join("\n\n"),
    parameters: [callIdParameter, sessionParameter],
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: isTei
            ? { anyOf: [reference("RerankRequest"), reference("TeiRequest")] }
            : { ...reference("RerankRequest"), required: ["model"] },
          examples: isTei ? { ...requests, tei: teiRequest } : requests,
        },
      },
    },
    responses: {
      "200": {
        description: "The ranking.",
        headers: rerankHeaders,
        content: {
          "application/json": {
            schema: isTei
              ? { anyOf: [reference("RerankResponse"), reference("TeiResponse")] }
              : reference("RerankResponse"),
            examples: isTei ? { ...answers, tei: teiAnswer } : answers,
          },
        },
      },
      ...(isTei ? ownOrTeiErrors() : rerankErrors()),
    },
  };
}

export const callIdParameter: Parameter = {
  name: "x-dheera-call-id",
  in: "header",
  description: "Becomes the request's id where it has 1 to 128 letters, digits and `.:/+=_-`.",
  schema: { type: "string" },
};

export const sessionParameter: Parameter = {
  name: sessionHeaders[0],
  in: "header",
  description: `A person or a conversation: a model that is split between several sends the same one to the same model. \`${sessionHeaders[1]}\` is read too.`,
  schema: { type: "string" },
};

const requests: Examples = {
  texts: { summary: "Texts", value: { model: "bm25", query, documents, top_n: 1 } },
  records: {
    summary: "Objects, of which two fields count",
    value: {
      model: "bm25",
      query,
      documents: documents.map((body, index) => ({ id: index + 1, title: index === 0 ? "Milk" : "Starter", body })),
      rank_fields: ["title", "body"],
      return_documents: true,
    },
  },
};

const teiRequest: Example = {
  summary: "As clients of Text Embeddings Inference ask",
  value: { query, texts: documents, truncate: true },
};

const answers: Examples = {
  texts: {
    summary: "The ranking",
    value: {
      id: exampleCallId,
      object: "list",
      model: "bm25",
      results: [{ index: 1, relevance_score: 3.4269 }],
      meta: {
        api_version: { version: "2", is_experimental: false },
        billed_units: { search_units: 1 },
        score_kind: "unknown",
      },
    },
  },
};

const teiAnswer: Example = {
  summary: "As clients of Text Embeddings Inference read it",
  value: [
    { index: 1, score: 0.9731 },
    { index: 0, score: 0.0208 },
  ],
};
