import { type Server, createServer } from "node:http";
import { once } from "node:events";

import { expect, it } from "vitest";

import type { Outcome } from "../testing/processes.ts";
import { runInProcess } from "../testing/run-in-process.ts";

const size = 500;

it("has every row that stays where rows of pages before are deleted while it is read", async () => {
  const deleted = [[], ["row-3", "row-400"], ["row-700"], []];
  const { read, rows, stderr } = await listWhile((asked) => deleted[asked] ?? []);
  expect(new Set(read).size).toBe(read.length);
  expect(rows.filter((row) => !read.includes(row))).toEqual([]);
  expect(stderr).toBe("");
});

it("has every row where so many are deleted that the last page is none any more", async () => {
  const { read, rows, stderr } = await listWhile((asked) =>
    asked === 2 ? Array.from({ length: 400 }, (_, at) => `row-${at + 550}`) : [],
  );
  expect(new Set(read).size).toBe(read.length);
  expect(rows.filter((row) => !read.includes(row))).toEqual([]);
  expect(stderr).toBe("");
});

it("says that it may miss rows where a whole page of them is deleted", async () => {
  const { stderr, code } = await listWhile((asked) =>
    asked === 2 ? Array.from({ length: 900 }, (_, at) => `row-${at}`) : [],
  );
  expect(code).toBe(0);
  expect(stderr).toContain("may miss some; list them again");
});

it("says so where rows are deleted faster than it reads, and comes to an end", async () => {
  const { read, stderr, code } = await listWhile((asked) => (asked === 0 ? [] : [`row-${asked}`]));
  expect(code).toBe(0);
  expect(new Set(read).size).toBe(read.length);
  expect(stderr).toContain("may miss some; list them again");
});

interface Listed extends Outcome {
  readonly read: readonly string[];
  /** What is left of them. */
  readonly rows: readonly string[];
}

/** Lists 1,200 rows of a server that deletes some before each answer. */
async function listWhile(deletedBefore: (asked: number) => readonly string[]): Promise<Listed> {
  let rows = Array.from({ length: 1_200 }, (_, at) => `row-${at}`);
  let asked = 0;
  const server = createServer((request, response) => {
    const gone = new Set(deletedBefore(asked++));
    rows = rows.filter((row) => !gone.has(row));
    const page = Number(new URL(request.url ?? "", "http://localhost").searchParams.get("page"));
    const keys = rows.slice((page - 1) * size, page * size).map((token) => ({ token }));
    const total_pages = Math.ceil(rows.length / size);
    response.end(JSON.stringify({ keys, total_count: rows.length, current_page: page, total_pages }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const base = ["--api_base", `http://127.0.0.1:${portOf(server)}`, "--api_key", "k"];
    const outcome = await runInProcess(["keys", "list", "--json", ...base]);
    const listed: readonly { token: string }[] = JSON.parse(outcome.stdout);
    return { ...outcome, read: listed.map(({ token }) => token), rows };
  } finally {
    server.close();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}
