import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import * as v from "valibot";

import type { JudgingFolder } from "../folder/judging-folder.ts";
import { isInTask, verdictOf } from "../judgements.ts";
import type { JudgePage } from "../page/judge-page.ts";
import type { Changes, DocumentText, JudgingState, Refusal } from "./exchange.ts";
import { readBody } from "./read-body.ts";

/** What a request is answered from. */
export interface Judging {
  readonly folder: JudgingFolder;
  readonly page: JudgePage;
  readonly nextCommand: string;
  readonly token: string;
  /** Good once; undefined afterwards. */
  readonly visit: { token: string | undefined };
  finish(): void;
  readonly port: number;
}

/** Answers one request, and never throws. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  judging: Judging,
): Promise<void> {
  try {
    const { status, headers, body } = await route(request, judging);
    response.writeHead(status, { ...safe, ...headers }).end(body);
  } catch (error) {
    // The sender has gone before its request was whole: nobody reads an answer, and nothing was judged.
    if (response.destroyed || !request.complete) return void response.destroy();
    const refusal: Refusal = { error: error instanceof Error ? error.message : "it failed" };
    response.writeHead(500, { ...safe, ...json }).end(JSON.stringify(refusal));
  }
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = { "content-type": "application/json; charset=utf-8" };
/** The address is the key to this page, and the texts are nobody else's. */
const safe = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

async function route(request: IncomingMessage, judging: Judging): Promise<Answer> {
  const hosts = [`127.0.0.1:${judging.port}`, `localhost:${judging.port}`];
  // Another site may have its name lead here.
  if (!hosts.includes(request.headers.host ?? "")) return refused(403, "this page is asked for under another name");
  const url = new URL(request.url ?? "/", `http://${hosts[0]}`);
  const [, first = "", second = "", ...rest] = url.pathname.split("/");
  if (first === "start" && rest.length === 0) return start(second, judging);
  if (rest.length > 0 || !isSame(first, judging.token))
    return refused(404, "there is nothing here; the address is the one that the terminal shows");
  switch (`${request.method} ${second}`) {
    case "GET ":
      return { status: 200, headers: judging.page.headers, body: judging.page.html };
    case "GET state":
      return said(200, stateOf(judging));
    case "GET changes":
      return said(200, changesSince(judging.folder, Number(url.searchParams.get("since"))));
    case "GET document":
      return document(url.searchParams.get("id") ?? "", judging.folder);
    case "POST judgement":
    case "POST finish": {
      const origin = request.headers.origin;
      if (!hosts.some((host) => origin === `http://${host}`))
        return refused(403, "this page takes no requests of others");
      return second === "finish" ? end(judging) : judge(request, judging.folder);
    }
    default:
      return refused(404, "there is nothing here");
  }
}

/** The address that a browser is started with is seen by other users of the machine, so it is good for one visit. */
function start(given: string, { visit, token }: Judging): Answer {
  if (visit.token === undefined || !isSame(given, visit.token))
    return refused(404, "this address was good for one visit; use the one that the terminal shows");
  visit.token = undefined;
  return { status: 303, headers: { location: `/${token}/` } };
}

function stateOf({ folder, nextCommand }: Judging): JudgingState {
  return {
    revision: folder.history.length,
    nextCommand,
    queries: folder.task.queries.map(({ id, documents }) => ({
      id,
      text: folder.queries.get(id) ?? "",
      documents: documents.map((each) => ({ id: each, verdict: verdictOf(folder.judgements, id, each) ?? null })),
    })),
  };
}

function changesSince({ history }: JudgingFolder, since: number): Changes {
  const from = Number.isInteger(since) && since >= 0 ? since : 0;
  return { revision: history.length, judgements: history.slice(from) };
}

function document(id: string, folder: JudgingFolder): Answer {
  const found = folder.documents.get(id);
  if (found === undefined) return refused(404, "there is no such document to judge");
  return said(200, { title: found.title ?? "", text: found.text } satisfies DocumentText);
}

const requestSchema = v.object({
  query: v.string(),
  document: v.string(),
  verdict: v.picklist([0, 1, 2, "skipped"]),
  seen: v.nullable(v.picklist([0, 1, 2, "skipped"])),
  since: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

async function judge(request: IncomingMessage, folder: JudgingFolder): Promise<Answer> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) return refused(415, "a judgement is JSON");
  const body = await readBody(request, mostBytes);
  if (body === undefined) return refused(413, "a judgement is smaller");
  const checked = v.safeParse(requestSchema, jsonOf(body));
  if (!checked.success) return refused(400, "this is no judgement");
  const { query, document: id, verdict, seen, since } = checked.output;
  if (!isInTask(folder.task, query, id)) return refused(404, "there is no such pair to judge");
  const known = verdictOf(folder.judgements, query, id) ?? null;
  // Somebody judged it in another tab: whoever judges it here has to know before the other judgement is replaced.
  if (known !== seen) return said(409, changesSince(folder, since));
  await folder.judge({ query, document: id, verdict });
  return said(200, changesSince(folder, since));
}

const mostBytes = 8_192;

function end({ finish }: Judging): Answer {
  // After this answer has been written.
  setImmediate(finish);
  return said(200, {});
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function said(status: number, value: object): Answer {
  return { status, headers: json, body: JSON.stringify(value) };
}

function refused(status: number, error: string): Answer {
  return said(status, { error } satisfies Refusal);
}

/** In the same time, however much of it is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
