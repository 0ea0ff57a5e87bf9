import { DheeraError, type Score, type Usage } from "@dheera-ai/core";
import { isRecord, readScores } from "@dheera-ai/core/provider-utils";

/**
 * The scores of `{ "code": "Success", "result": { "data": [{ "id": 0, "score": 0.9 }] } }`. The vendor's clients differ in
 * whether a result names its document: where all have an `id`, it counts; where none has, their order.
 * @throws DheeraError `provider_bad_response` for anything else
 */
export function readAnswer(answer: unknown): readonly Score[] {
  const result = isRecord(answer) ? answer["result"] : undefined;
  const data = isRecord(result) ? result["data"] : undefined;
  if (!Array.isArray(data)) throw unreadable(answer);
  const ids = data.map((item) => (isRecord(item) ? item["id"] : undefined));
  const named = ids.filter((id) => id !== undefined && id !== null);
  if (named.length > 0 && named.length < data.length) throw unreadable(answer);
  return readScores(
    data.map((item: unknown, position) =>
      isRecord(item) ? { index: named.length > 0 ? ids[position] : position, score: item["score"] } : item,
    ),
  );
}

/** The tokens that were billed, where the answer says so. */
export function readUsage(answer: unknown): Usage | undefined {
  const result = isRecord(answer) ? answer["result"] : undefined;
  const usage = isRecord(result) ? result["token_usage"] : undefined;
  const tokens = isRecord(usage) ? (usage["total_tokens"] ?? usage["prompt_tokens"]) : usage;
  return typeof tokens === "number" && tokens >= 0 && tokens < 1e15 ? { inputTokens: tokens } : undefined;
}

/** With the service's own name for the error where it is one word: an error may come under a status of success. */
function unreadable(answer: unknown): DheeraError {
  const code = isRecord(answer) ? answer["code"] : undefined;
  const word = typeof code === "string" && /^[A-Za-z][\w.-]{1,63}$/.test(code) && code !== "Success" ? code : undefined;
  const said = word === undefined ? "" : ` (${word})`;
  return new DheeraError("provider_bad_response", `Volcengine's answer holds no scores${said}`, {
    provider: "volcengine",
    upstream: { code: word },
  });
}
