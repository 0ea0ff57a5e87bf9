import type { LogFields } from "../telemetry.ts";

/** Characters of one line, its message and JSON's own apart: collectors of logs cut or drop longer ones. */
export const mostCharacters = 64_000;

/** Fields that fit on a line: the same where they do; else texts and lists are cut, and say how much is missing. */
export function boundFields(fields: LogFields): LogFields {
  if (measure(fields, mostCharacters) >= 0) return fields;
  return shortenObject(fields, { left: mostCharacters });
}

/** A text of at most so many characters. */
export function boundText(text: string, most: number = mostCharacters): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}

/** Characters that the log is charged for any value, because a list may hold very many short ones. */
const charactersOfValue = 4;

/** What is left of so many characters; it looks no further once nothing is. */
function measure(value: unknown, most: number): number {
  let left = most - charactersOfValue;
  if (typeof value === "string") return left - value.length;
  if (typeof value !== "object" || value === null || value instanceof Error) return left;
  for (const name in value) {
    left = measure(Reflect.get(value, name), left - (Array.isArray(value) ? 0 : name.length));
    if (left < 0) break;
  }
  return left;
}

interface Room {
  left: number;
}

function shorten(value: unknown, room: Room): unknown {
  room.left -= charactersOfValue;
  if (typeof value === "string") {
    const short = boundText(value, Math.max(0, room.left));
    room.left -= value.length;
    return short;
  }
  if (typeof value !== "object" || value === null || value instanceof Error) return value;
  return Array.isArray(value) ? shortenList(value, room) : shortenObject(value, room);
}

function shortenList(list: readonly unknown[], room: Room): readonly unknown[] {
  const short: unknown[] = [];
  for (const item of list) {
    if (room.left <= 0) return [...short, `… (${list.length - short.length} more)`];
    short.push(shorten(item, room));
  }
  return short;
}

function shortenObject(value: object, room: Room): LogFields {
  const short: [string, unknown][] = [];
  for (const name in value) {
    if (room.left <= 0) break;
    room.left -= name.length;
    short.push([boundText(name, 200), shorten(Reflect.get(value, name), room)]);
  }
  return Object.fromEntries(short);
}
