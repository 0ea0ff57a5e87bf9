import { isRecord, measureJson } from "@dheera-ai/core/provider-utils";

import type { BatchProblem } from "../contract.ts";

/** One line of an input file as it must be. */
export interface InputLine {
  readonly customId: string;
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What is wrong with a line, and the custom_id where it has one. */
export interface BrokenLine {
  readonly problem: BatchProblem;
  readonly customId?: string | undefined;
}

/** What a line may hold: as much as a request over HTTP may by default. More would hold up everybody while it is parsed. */
const most = { values: 150_000, depth: 100 };

/** Characters of a custom_id, as OpenAI has it. */
const mostCharacters = 512;

/** The line of an input file; says of what is not a request what is wrong with it. */
export function readLine(text: string, endpoint: string): InputLine | BrokenLine {
  if (isTooMuch(text)) {
    return broken(
      "invalid_request",
      `This line holds more than ${most.values} values, ${most.depth} levels, or a name too long.`,
    );
  }
  const line = parse(text);
  if (line === undefined) return broken("invalid_json_line", "This line is not valid JSON.");
  if (!isRecord(line)) return broken("invalid_request", "This line is not an object.");
  const { custom_id: customId, method, url, body } = line;
  if (typeof customId !== "string" || customId === "") {
    return broken("invalid_request", "custom_id is missing; it must be a text that no other line has.", "custom_id");
  }
  if (customId.length > mostCharacters) {
    return broken("invalid_request", `custom_id has more than ${mostCharacters} characters.`, "custom_id");
  }
  if (method !== "POST") return broken("invalid_request", "method must be POST.", "method", customId);
  if (url !== endpoint) {
    return broken("url_mismatch", `url must be the endpoint of the batch, ${endpoint}.`, "url", customId);
  }
  if (!isRecord(body)) return broken("invalid_request", "body must be an object.", "body", customId);
  const { model } = body;
  if (typeof model !== "string") {
    return broken("invalid_request", "body.model must name the model that ranks.", "body.model", customId);
  }
  return { customId, model, body };
}

export function isBroken(line: InputLine | BrokenLine): line is BrokenLine {
  return "problem" in line;
}

/** The custom_id of a line that is not asked any more, without judging the rest. */
export function customIdOf(text: string): string | undefined {
  const line = isTooMuch(text) ? undefined : parse(text);
  return isRecord(line) && typeof line["custom_id"] === "string" && line["custom_id"].length <= mostCharacters
    ? line["custom_id"]
    : undefined;
}

function isTooMuch(text: string): boolean {
  const { values, depth, hasLongName } = measureJson(text, most);
  return values > most.values || depth > most.depth || hasLongName;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function broken(code: string, message: string, param?: string, customId?: string): BrokenLine {
  return { problem: { code, message, ...(param !== undefined && { param }) }, customId };
}
