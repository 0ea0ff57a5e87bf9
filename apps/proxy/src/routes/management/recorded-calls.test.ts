import { expect, it } from "vitest";

import { type RecordedCall, recordings } from "../../fixtures/recorded-calls.ts";
import { type Answer, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";

it.each(recordings)("answers $source as it expects", async ({ calls }) => {
  await using managed = await startManagedProxy();
  const kept = new Map<string, string>();
  for (const recorded of calls) {
    const { method, path, body, status = 200, answer = {} } = fill(recorded, kept);
    const given = await managed.call(method, path, body);
    expect(given.status, `${method} ${path}: ${given.text}`).toBe(status);
    expect(JSON.parse(given.text)).toEqual(reads(answer));
    keep(recorded, given, kept);
  }
});

/** The call with what answers before it held in the place of names. */
function fill(call: RecordedCall, kept: ReadonlyMap<string, string>): RecordedCall {
  const filled: RecordedCall = JSON.parse(
    JSON.stringify(call).replaceAll(/\$(\w+)/g, (name, field: string) => kept.get(field) ?? name),
  );
  return filled;
}

function keep({ keep: names = {} }: RecordedCall, { body }: Answer, kept: Map<string, string>): void {
  for (const [name, field] of Object.entries(names)) kept.set(name, String(body[field]));
}

/** What is read is there, among other things; of keys their beginning is known, and of messages what programs look for in them. */
function reads(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(reads);
  if (typeof answer !== "object" || answer === null)
    return answer === "sk-" || answer === "not found" ? expect.stringContaining(answer) : answer;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, reads(value)])),
  );
}
