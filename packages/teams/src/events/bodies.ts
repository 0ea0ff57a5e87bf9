import type { NewEvent } from "./event.ts";

export const formats = ["json", "slack"] as const;
export type Format = (typeof formats)[number];

/** Characters of a message, which names of the caller's are in. */
const mostCharacters = 2_000;

/** The bodies of an event, which are written once and sent as they are however often. */
export function bodiesOf(event: NewEvent, id: string): Readonly<Record<Format, string>> {
  const { type, at, fields } = event;
  const line = event.message.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  const message = line.slice(0, mostCharacters).toWellFormed();
  const { event: name, event_group, ...rest } = fields;
  const json = { id, type, timestamp: new Date(at).toISOString(), event: name, event_group, event_message: message };
  return {
    json: JSON.stringify({ ...json, ...rest }),
    slack: JSON.stringify({ text: asText(message) }),
  };
}

/**
 * A name is no mention and no link. Slack reads three signs as the beginning or the end of one, and makes links of what looks like an
 * address: behind signs that make it look so comes one that has no width.
 */
function asText(message: string): string {
  return message
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/@|:(?=\S)(?!\d)|[.\u3002\uff0e\uff61](?=\p{L})/gu, "$&\u200b");
}
