/** Bodies of errors as the providers send them, by dialect. */
export type ErrorBody = (status: number, message: string) => unknown;

/** Jina, Voyage, services made with FastAPI. */
export const detail: ErrorBody = (_, message) => ({ detail: message });

/** FastAPI's own for a body that is wrong. */
export const validation: ErrorBody = (status, message) =>
  status === 422
    ? { detail: [{ loc: ["body", "documents"], msg: message, type: "value_error" }] }
    : { detail: message };

/** OpenAI's, which most others took over. */
export const openAi: ErrorBody = (status, message) => ({
  error: { message, type: "invalid_request_error", param: null, code: `code_${status}` },
});

/** OpenRouter's. */
export const withMetadata: ErrorBody = (status, message) => ({
  error: { code: status, message, metadata: { provider_name: "Cohere", raw: message } },
});

/** Cohere's. */
export const message: ErrorBody = (_, text) => ({ id: "1", message: text });

/** DashScope's, also with a status of success. */
export const dashScope: ErrorBody = (status, text) => ({
  code: status === 429 ? "Throttling.RateQuota" : "InvalidParameter",
  message: text,
  request_id: "1",
});

/** SiliconFlow's. */
export const numbered: ErrorBody = (status, text) => ({ code: 20_000 + status, message: text, data: null });

/** DeepInfra's. */
export const nested: ErrorBody = (_, text) => ({ detail: { error: text } });

/** Cloudflare's. */
export const envelope: ErrorBody = (status, text) => ({
  result: null,
  success: false,
  errors: [{ code: 7_000 + status, message: text }],
  messages: [],
});

/** Elasticsearch's. */
export const elastic: ErrorBody = (status, reason) => ({
  error: { root_cause: [{ type: "status_exception", reason }], type: "status_exception", reason },
  status,
});
