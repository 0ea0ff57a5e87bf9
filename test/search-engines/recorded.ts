import { readFile } from "node:fs/promises";

import * as v from "valibot";

import { type EngineAnswer, sendPlainly } from "./send-as-engine.ts";

const request = v.object({
  method: v.picklist(["GET", "POST"]),
  path: v.string(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  body: v.optional(v.string()),
});

const recording = v.object({
  engine: v.string(),
  version: v.string(),
  /** The day. */
  recorded: v.string(),
  exchanges: v.array(
    v.object({
      what: v.string(),
      requests: v.array(request),
      /** What the engine made of the answers, in its order. */
      ranked: v.optional(v.array(v.object({ text: v.nullable(v.string()), score: v.number() }))),
    }),
  ),
});

/** What a running engine sent to a proxy, and what it made of the answers; keys and hosts are left out. */
export type Recording = v.InferOutput<typeof recording>;

export async function readRecording(name: string): Promise<Recording> {
  const file = new URL(`recorded/${name}.json`, import.meta.url);
  return v.parse(recording, JSON.parse(await readFile(file, "utf8")));
}

/** Sends a request again: the same headers in the same order, the same body byte for byte. */
export async function replay(
  { method, path, headers, body }: Recording["exchanges"][number]["requests"][number],
  to: { readonly url: string; readonly key: string },
): Promise<EngineAnswer> {
  const { host } = new URL(to.url);
  const filled = headers.flatMap(([name, value]) => [
    name,
    value
      .replace("{host}", host)
      .replace("{key}", to.key)
      .replace("{name and key}", btoa(`weaviate:${to.key}`)),
  ]);
  return await sendPlainly({ method, url: `${to.url}${path}`, headers: filled, body });
}
