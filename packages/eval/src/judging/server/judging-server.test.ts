import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createJudgingFolder, type JudgingFolder, openJudgingFolder } from "../folder/judging-folder.ts";
import { type JudgingServer, startJudging } from "./judging-server.ts";

let folder: string;
let judged: JudgingFolder;
let server: JudgingServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dheera-judging-"));
  await createJudgingFolder(folder, {
    documents: [
      { id: "d1", title: "Pool", text: "It opens at six." },
      { id: "d2", text: "<b>Breakfast</b>" },
      { id: "unpooled", text: "not asked for" },
    ],
    queries: [{ id: "q1", text: "When does the pool open?", documents: ["d1", "d2"] }],
  });
  judged = await openJudgingFolder(folder);
  server = await startJudging(judged, { port: 0, nextCommand: "dheera_ai eval mine" });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await judged[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const judgement = { query: "q1", document: "d1", verdict: 2, seen: null, since: 0 };

describe("the server of the judging page", () => {
  it("says what to do where another program has the port", async () => {
    const { port } = new URL(server.url);
    await expect(startJudging(judged, { port: Number(port), nextCommand: "" })).rejects.toMatchObject({
      code: "invalid_request",
      message: `port ${port} is taken by another program; name another one with --port, or leave it out to take any that is free`,
    });
  });

  it("gives page, state and texts, and writes each judgement at once", async () => {
    const page = await fetch(server.url);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    expect(await page.text()).toContain("Is this document relevant?");
    expect(await get("state")).toEqual({
      revision: 0,
      nextCommand: "dheera_ai eval mine",
      queries: [
        {
          id: "q1",
          text: "When does the pool open?",
          documents: [
            { id: "d1", verdict: null },
            { id: "d2", verdict: null },
          ],
        },
      ],
    });
    expect(await get("document?id=d1")).toEqual({ title: "Pool", text: "It opens at six." });
    expect((await fetch(`${server.url}document?id=unpooled`)).status).toBe(404);
    const answer = await judge(judgement);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { revision: 1, judgements: [{ query: "q1", document: "d1", verdict: 2 }] },
    ]);
    expect(await qrels()).toBe("query-id\tcorpus-id\tscore\nq1\td1\t2\n");
    expect(await get("changes?since=1")).toEqual({ revision: 1, judgements: [] });
  });

  it("loses no judgement of two tabs: the second one is told of the first", async () => {
    const [one, other] = await Promise.all([judge(judgement), judge({ ...judgement, document: "d2", verdict: 0 })]);
    expect([one.status, other.status]).toEqual([200, 200]);
    const late = await judge({ ...judgement, verdict: 0 });
    expect([late.status, await late.json()]).toEqual([
      409,
      { revision: 2, judgements: expect.arrayContaining([{ query: "q1", document: "d1", verdict: 2 }]) },
    ]);
    expect(await qrels()).toBe("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n");
    expect((await judge({ ...judgement, verdict: 1, seen: 2 })).status).toBe(200);
    expect(await qrels()).toContain("q1\td1\t1\n");
  });

  it("refuses whoever does not know its address, comes from another site or by another name", async () => {
    const { port, pathname } = new URL(server.url);
    const statuses = {
      root: (await fetch(new URL("/", server.url))).status,
      wrongToken: (await fetch(new URL("/wrong/state", server.url))).status,
      wrongStart: (await fetch(new URL("/start/wrong", server.url))).status,
      deeper: (await fetch(`${server.url}state/more`)).status,
      otherName: await statusOf({ port, path: `${pathname}state`, headers: { host: `evil.example:${port}` } }),
      foreign: (await judge(judgement, { origin: "https://evil.example" })).status,
      noOrigin: (await judge(judgement, {})).status,
      opaque: (await judge(judgement, { origin: "null" })).status,
      foreignEnd: (await fetch(`${server.url}finish`, { method: "POST" })).status,
      form: (await judge(judgement, { origin: origin(), "content-type": "text/plain" })).status,
    };
    expect(statuses).toEqual({
      root: 404,
      wrongToken: 404,
      wrongStart: 404,
      deeper: 404,
      otherName: 403,
      foreign: 403,
      noOrigin: 403,
      opaque: 403,
      foreignEnd: 403,
      form: 415,
    });
    expect(judged.history).toEqual([]);
  });

  it.each([
    ["what is no JSON", "{", 400],
    ["another grade", JSON.stringify({ ...judgement, verdict: 3 }), 400],
    ["a pair that is not to be judged", JSON.stringify({ ...judgement, document: "unpooled" }), 404],
    ["more than a judgement needs", JSON.stringify({ ...judgement, more: "x".repeat(10_000) }), 413],
  ])("refuses %s", async (_, body, status) => {
    const answer = await fetch(`${server.url}judgement`, {
      method: "POST",
      headers: { origin: origin(), "content-type": "application/json" },
      body,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: expect.any(String) });
    expect(judged.history).toEqual([]);
  });

  it("takes nothing from a request that was torn, and goes on", async () => {
    const { port, pathname, host } = new URL(server.url);
    const body = JSON.stringify(judgement);
    const socket = connect(Number(port), "127.0.0.1");
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.write(
      `POST ${pathname}judgement HTTP/1.1\r\nhost: ${host}\r\norigin: ${origin()}\r\ncontent-type: application/json\r\ncontent-length: ${body.length + 1}\r\n\r\n${body}`,
      () => socket.destroy(),
    );
    await closed;
    expect(await get("state")).toMatchObject({ revision: 0 });
    expect((await judge(judgement)).status).toBe(200);
  });

  it("starts a browser by an address that is good for one visit", async () => {
    const first = await fetch(server.startUrl, { redirect: "manual" });
    expect([first.status, first.headers.get("location")]).toEqual([303, new URL(server.url).pathname]);
    const second = await fetch(server.startUrl, { redirect: "manual" });
    expect([second.status, await second.json()]).toEqual([404, { error: expect.stringContaining("terminal") }]);
  });

  it("ends when the page says so", async () => {
    const answer = await fetch(`${server.url}finish`, { method: "POST", headers: { origin: origin() } });
    expect(answer.status).toBe(200);
    await server.finished;
  });
});

function origin(): string {
  return new URL(server.url).origin;
}

async function get(path: string): Promise<unknown> {
  return (await fetch(`${server.url}${path}`)).json();
}

function judge(body: object, headers: Readonly<Record<string, string>> = { origin: origin() }): Promise<Response> {
  return fetch(`${server.url}judgement`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** `fetch` lets nobody choose the host. */
function statusOf(options: { port: string; path: string; headers: Record<string, string> }): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", ...options }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

function qrels(): Promise<string> {
  return readFile(join(folder, "qrels", "test.tsv"), "utf8");
}
