import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const zeroentropy: DefinedRow = defineRow({
  name: "zeroentropy",
  label: "ZeroEntropy",
  api_base: "https://api.zeroentropy.dev/v1",
  api_base_env: ["ZEROENTROPY_BASE_URL"],
  api_key_env: ["ZEROENTROPY_API_KEY"],
  path: "/v1/models/rerank",
  // Over its rate it would otherwise answer, but take more than ten seconds; refused, another deployment serves.
  request: { constants: { latency: "fast" }, options: ["latency"] },
  response: { input_tokens: ["total_tokens"] },
  score_kind: "probability",
  billing: "per-token",
  models: [{ match: "zerank-2" }, { match: "zerank-1" }, { match: "zerank-1-small" }],
  documentation: {
    page: "https://docs.zeroentropy.dev",
    quirks: [
      "2,500,000 bytes and 1,000 requests a minute; with `provider_options: { latency: slow }` 20,000,000 bytes, and answers that take more than ten seconds",
    ],
    unverified: ["how many documents a call may have"],
  },
});
