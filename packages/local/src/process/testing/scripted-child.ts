import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { FromChild, LoadMessage, ScoreMessage, ToChild } from "../protocol.ts";

/**
 * A child that speaks the protocol and does what it is told, for tests of its life. The file `script` in the model's
 * folder says how it loads, and each document what becomes of it; its score is its length. `events` in that folder names
 * what happened: `pid 123`, `started`, and the documents that were reached.
 */
const queue: { readonly message: ScoreMessage; next: number }[] = [];
let folder = "";
let memory = 1_000_000;
let isHolding = false;

process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToChild) => {
  if (message.type === "load") void load(message);
  else if (message.type === "score") queue.push({ message, next: 0 });
  else if (message.type === "count")
    say({ type: "counts", id: message.id, tokens: message.texts.map((text) => text.length) });
  else {
    const at = queue.findIndex((request) => request.message.id === message.id);
    if (at === -1) return;
    queue.splice(at, 1);
    say({ type: "cancelled", id: message.id });
  }
});
setInterval(work, 1);

async function load({ model }: LoadMessage): Promise<void> {
  folder = model.folder;
  appendFileSync(join(folder, "events"), `pid ${process.pid}\nstarted\n`);
  const script = (): string => readFileSync(join(folder, "script"), "utf8");
  while (script() === "wait") await new Promise((resolve) => setTimeout(resolve, 5));
  if (script() === "throw") throw new Error("it cannot be read");
  if (script() === "die") process.kill(process.pid, "SIGKILL");
  else if (script() === "fail") say({ type: "failed", message: "it has no output named logits" });
  else say({ type: "ready", memory });
}

/** One document of the request whose turn it is. */
function work(): void {
  const request = queue.shift();
  if (!request) return;
  const { message, next } = request;
  const document = message.documents[next] ?? "";
  if (!isHolding) appendFileSync(join(folder, "events"), `${document}\n`);
  isHolding = document === "hold" && !existsSync(join(folder, "released"));
  if (isHolding) return void queue.push(request);
  if (document === "die" || (document === "die once" && isFirst(document))) process.kill(process.pid, "SIGKILL");
  if (document === "hang") for (;;);
  if (document === "too long")
    return say({ type: "refused", id: message.id, reason: "too-long", message: "documents[0] is too long" });
  if (document.startsWith("grow ")) memory = Number(document.slice(5));
  say({
    type: "scores",
    id: message.id,
    from: next,
    scores: new Float64Array([document.length]),
    tokens: new Uint32Array([1]),
    truncated: document === "cut" ? [next] : [],
    queryTokens: 3,
    isQueryCut: false,
    memory,
  });
  if (document === "last word" && isFirst(document))
    return void setImmediate(() => process.kill(process.pid, "SIGKILL"));
  if (next + 1 < message.documents.length) queue.push({ message, next: next + 1 });
  else say({ type: "done", id: message.id, queryTokens: 3, isQueryCut: false });
}

function isFirst(event: string): boolean {
  return readFileSync(join(folder, "events"), "utf8").split(`${event}\n`).length === 2;
}

function say(message: FromChild): void {
  process.send?.(message);
}
