import type { HeaderDescriptions, Headers } from "./open-api.ts";

const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;
const milliseconds = { type: "number", minimum: 0 } as const;

const ofEveryAnswer: HeaderDescriptions = {
  "x-dheera-call-id": {
    description: "The request's id: the caller's own where it sent a sane one. Quote it to the operator.",
    schema: text,
  },
};

/** Sent with answers to rerank requests that reached core, and with their errors. */
const ofRerank: HeaderDescriptions = {
  "x-dheera-model-id": { description: "The deployment that served; the last one where several did.", schema: text },
  "x-dheera-model-name": { description: "The model name that served: a fallback's where one did.", schema: text },
  "x-dheera-batches": { description: "Calls that the documents were split into.", schema: count },
  "x-dheera-cache-hits": { description: "Scores that were known.", schema: count },
  "x-dheera-cache-misses": { description: "Scores that had to be computed.", schema: count },
  "x-dheera-attempted-retries": { description: "Calls that were made again.", schema: count },
  "x-dheera-attempted-fallbacks": { description: "Other model names that were tried.", schema: count },
  "x-dheera-response-duration-ms": {
    description: "Milliseconds from the request to the answer.",
    schema: milliseconds,
  },
  "x-dheera-overhead-duration-ms": {
    description: "Milliseconds of these in the proxy itself: neither upstream nor in a queue.",
    schema: milliseconds,
  },
  "x-compute-tokens": {
    description: "To requests of Text Embeddings Inference: tokens that the upstream used, where it counts them.",
    schema: count,
  },
  "x-dheera-passthrough": {
    description: "Why nothing could rank, where `on_error: passthrough` answered.",
    schema: text,
  },
  ...ofLimit("requests"),
  ...ofLimit("documents"),
};

const ofManagement: HeaderDescriptions = {
  "x-dheera-warnings": {
    description:
      "Where the answer is a list or a table: fields of the body and parameters of the address that have no effect here, and that there are more rows than these, percent-encoded and separated by commas. Other answers have them in `warnings`.",
    schema: text,
  },
  "x-total-count": { description: "Where the answer is a list with pages: the rows of all of them.", schema: count },
  link: { description: 'Where a list goes on: `<?page=2&page_size=500>; rel="next"`, as in RFC 8288.', schema: text },
};

const ofRefusals: HeaderDescriptions = {
  "retry-after": {
    description: "Seconds after which trying again makes sense, where that is known.",
    schema: { type: "integer", minimum: 1 },
  },
  "www-authenticate": { description: "How to send the key.", schema: text },
};

export const headerDescriptions: HeaderDescriptions = { ...ofEveryAnswer, ...ofRerank, ...ofManagement, ...ofRefusals };

export const callHeaders: Headers = referTo(ofEveryAnswer);
export const managedHeaders: Headers = referTo({ ...ofEveryAnswer, ...ofManagement });
/** Of answers that count against a key's requests a minute. */
export const countedHeaders: Headers = referTo({ ...ofEveryAnswer, ...ofLimit("requests") });
export const rerankHeaders: Headers = referTo({ ...ofEveryAnswer, ...ofRerank });
export const retryHeaders: Headers = referTo({ "retry-after": ofRefusals["retry-after"] });
export const keyHeaders: Headers = referTo({ "www-authenticate": ofRefusals["www-authenticate"] });

function ofLimit(unit: string): HeaderDescriptions {
  return {
    [`x-ratelimit-limit-${unit}`]: { description: `Allowed ${unit} a minute, where there is a limit.`, schema: count },
    [`x-ratelimit-remaining-${unit}`]: { description: "What is left of them.", schema: count },
    [`x-ratelimit-reset-${unit}`]: { description: "Seconds until all are left again.", schema: count },
  };
}

function referTo(headers: Readonly<Record<string, unknown>>): Headers {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
