/**
 * What a terminal shows of a log line beside its time and level: one line of words, and the frames of an error below it.
 * @param line the fields that JSON would have
 */
export function readableLine(line: Readonly<Record<string, unknown>>): string {
  return typeof line["route"] === "string" ? describeRequest(line) : describeEvent(line);
}

/** `POST /v1/rerank 200  bge  100 documents in 4 calls, 20 cached  12 ms  $0.002  key team`. */
function describeRequest(line: Readonly<Record<string, unknown>>): string {
  const { model, served_by, documents, batches, cache_hits, duration_ms, cost, key, code, reason, call_id } = line;
  const parts = [
    text(line["message"]),
    model === undefined ? "" : `${text(model)}${served_by === undefined ? "" : ` by ${text(served_by)}`}`,
    documents === undefined || documents === 0 ? "" : work(documents, batches, cache_hits),
    duration_ms === undefined ? "" : `${Number(duration_ms).toFixed(1)} ms`,
    cost === undefined ? "" : `$${text(cost)}`,
    // While no key is asked for, every caller is this machine.
    key === undefined || key === "local" ? "" : `key ${text(key)}`,
    // Successes are looked up by their answer; a failure's other lines carry the same id.
    code === undefined ? "" : text(call_id),
  ];
  const first = parts.filter((part) => part !== "").join("  ");
  return reason === undefined
    ? first
    : `${first}\n    ${text(reason)}${describeUpstream(line["upstream"])}${describeCause(line["cause"])}`;
}

function work(documents: unknown, batches: unknown, cached: unknown): string {
  const calls = typeof batches === "number" && batches > 0 ? ` in ${count(batches, "call")}` : "";
  const known = typeof cached === "number" && cached > 0 ? `, ${cached} cached` : "";
  return `${count(Number(documents), "document")}${calls}${known}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The message, its fields as `name=value`, and where an error was thrown. */
function describeEvent(line: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(line)
    .filter(([name]) => !ownFields.has(name))
    .map(([name, value]) => `${name}=${text(value)}`);
  return `${[linesOf(line["message"]), ...fields].join("  ")}${describeCause(line["error"] ?? line["cause"])}`;
}

/** Which address failed, and what its server called it. */
function describeUpstream(upstream: unknown): string {
  if (typeof upstream !== "object" || upstream === null) return "";
  const { address, status, code } = upstream as Record<string, unknown>;
  if (address === undefined) return "";
  const answer = [status === undefined ? "" : `HTTP ${text(status)}`, code === undefined ? "" : text(code)];
  const said = answer.filter((part) => part !== "").join(" ");
  return `\n    at ${text(address)}${said && ` (${said})`}`;
}

/** What every line has, and what is shown apart. */
const ownFields = new Set(["level", "time", "pid", "message", "error", "cause"]);

function describeCause(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return "";
  const { name, code, message, stack, cause: next } = cause as Record<string, unknown>;
  // An upstream's answer; where it was read in this program says nothing.
  if (name === "HttpError") return describeCause(next);
  const head = [name, code, message].filter((part) => typeof part === "string").join(" ");
  const frames = Array.isArray(stack) ? stack.map((frame) => `\n      ${text(frame)}`).join("") : "";
  return `\n    caused by ${text(head)}${frames}${describeCause(next)}`;
}

/** A list of mistakes has a line for each. */
function linesOf(message: unknown): string {
  return String(message).split("\n").map(text).join("\n");
}

/** Ends of lines, what moves a cursor, and what changes the direction of the text behind it: some of it is of callers. */
const obeyed = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function text(value: unknown): string {
  return (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).replaceAll(obeyed, "\ufffd");
}
