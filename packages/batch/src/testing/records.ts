import type { BatchRecord, FilePart, FileRecord, KeptLine, NewShard } from "../contract.ts";

let made = 0;

/** A file that no other test has. */
export function fileOf(changes: Partial<FileRecord> = {}): FileRecord {
  made++;
  return {
    id: `file-${String(made).padStart(24, "0")}`,
    owner: "",
    filename: "requests.jsonl",
    purpose: "batch",
    bytes: 10,
    lines: 1,
    createdAt: 1_700_000_000_000 + made,
    ...changes,
  };
}

/** A batch that no other test has. */
export function batchOf(changes: Partial<BatchRecord> = {}): BatchRecord {
  made++;
  return {
    id: `batch_${String(made).padStart(24, "0")}`,
    owner: "",
    status: "in_progress",
    inputFileId: "file-000000000000000000000000",
    endpoint: "/v1/rerank",
    completionWindow: "24h",
    metadata: {},
    counts: { total: 0, completed: 0, failed: 0 },
    problems: [],
    shards: 0,
    shardsEnded: 0,
    createdAt: 1_700_000_000_000 + made,
    expiresAt: 1_800_000_000_000,
    ...changes,
  };
}

export function partOf(name: string, lines = 1): FilePart {
  return { name, bytes: 10 * lines, lines };
}

export function shardsOf(count: number): readonly NewShard[] {
  return Array.from({ length: count }, (_, shard) => ({ shard, part: partOf(`part-${shard}`) }));
}

export function keptOf(line: number, changes: Partial<KeptLine> = {}): KeptLine {
  return { line, isError: false, text: `{"custom_id":"${line}"}`, ...changes };
}

export async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
