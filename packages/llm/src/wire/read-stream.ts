import { isRecord } from "@dheera-ai/core/provider-utils";

/**
 * The answer that a stream of events holds, for servers that stream although nobody asked them to: its pieces put
 * together. Undefined where a text is no such stream.
 */
export function readStream(text: string): unknown {
  if (!/^\s*(?:data|event|id|:)/.test(text)) return undefined;
  let content = "";
  let reasoning = "";
  let finish: unknown;
  let usage: unknown;
  let isStream = false;
  for (const line of text.split("\n")) {
    const event = parseEvent(line);
    if (event === undefined) continue;
    isStream = true;
    if (event["error"] !== undefined && event["error"] !== null) return { error: event["error"] };
    if (isRecord(event["usage"])) usage = event["usage"];
    const [choice]: readonly unknown[] = Array.isArray(event["choices"]) ? event["choices"] : [];
    if (!isRecord(choice)) continue;
    if (choice["finish_reason"] !== null && choice["finish_reason"] !== undefined) finish = choice["finish_reason"];
    const delta = isRecord(choice["delta"]) ? choice["delta"] : isRecord(choice["message"]) ? choice["message"] : {};
    content += textOf(delta["content"]) || textOf(choice["text"]);
    reasoning += textOf(delta["reasoning_content"]) || textOf(delta["reasoning"]);
  }
  if (!isStream) return undefined;
  return { choices: [{ finish_reason: finish, message: { content, reasoning_content: reasoning } }], usage };
}

function parseEvent(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("data:")) return undefined;
  try {
    const event: unknown = JSON.parse(line.slice("data:".length));
    return isRecord(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
