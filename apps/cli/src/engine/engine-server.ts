import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";

import { DheeraError, type RerankRequest, isDheeraError } from "@dheera-ai/core";
import { errorBody } from "@dheera-ai/proxy/reporting";
import * as v from "valibot";

import { WrongConfiguration } from "../errors.ts";
import type { Models } from "./models.ts";
import { readJson } from "./read-json.ts";
import type { TraceContext } from "./trace-context.ts";

export interface EngineServerOptions {
  readonly models: Models;
  readonly trace: TraceContext;
  /** Demanded of every request where it is set. */
  readonly key: string | undefined;
  /** Aborts what runs. */
  readonly stop: AbortSignal;
  readonly version: string;
  /** Told of failures that are nobody's request. */
  readonly onError: (error: unknown) => void;
}

/** The engine's HTTP side: `POST /rerank`, `GET /models`, `PUT /environment`, `GET /health`. */
export function createEngineServer(options: EngineServerOptions): Server {
  const { models, trace, stop, version, onError } = options;
  const isAllowed = keyCheck(options.key);
  let requests = 0;

  const routes: Readonly<Record<string, Route>> = {
    "POST /rerank": async (request, id, signal) => {
      // Core checks it.
      const body = (await readJson(request)) as RerankRequest;
      const response = await trace.run(request.headers, () => models.dheera.rerank(body, { signal, callId: id }));
      return [200, response];
    },
    "GET /models": async () => [200, { models: models.dheera.models() }],
    "PUT /environment": async (request) => {
      await models.reopen(readEnvironment(await readJson(request)));
      return [204];
    },
    "GET /health": async () => [200, { pid: process.pid, version, requests: requests - 1 }],
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = randomUUID();
    const gone = new AbortController();
    response.once("close", () => gone.abort(new DheeraError("cancelled", "the client went away")));
    try {
      if (!isAllowed(request.headers.authorization))
        throw new DheeraError("unauthenticated", "the engine's key is missing or wrong");
      const route = routes[`${request.method} ${request.url}`];
      if (!route) throw new DheeraError("invalid_request", `the engine does not know ${request.method} ${request.url}`);
      const [status, body] = await route(request, id, AbortSignal.any([gone.signal, stop]));
      send(response, status, body);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code === "internal") onError(error);
      sendError(response, failure, id);
      // The rest of a body that nobody reads would stand before the next request.
      if (!request.complete) request.destroy();
    }
  };

  const server = createServer((request, response) => {
    requests += 1;
    void answer(request, response).finally(() => (requests -= 1));
  });
  // A client keeps idle connections for less time, so that none closes just as it is used again.
  server.keepAliveTimeout = 3_600_000;
  // The only client is the parent process. Its bodies may take long on a machine that is busy.
  server.requestTimeout = 0;
  return server;
}

/** Answers with a status and a body. */
type Route = (
  request: IncomingMessage,
  id: string,
  signal: AbortSignal,
) => Promise<readonly [status: number, body?: unknown]>;

const environmentSchema = v.record(v.string(), v.string());

function readEnvironment(body: unknown): Readonly<Record<string, string>> {
  const parsed = v.safeParse(environmentSchema, body);
  if (parsed.success) return parsed.output;
  throw new DheeraError("invalid_request", "an environment is a JSON object of texts by name");
}

function keyCheck(key: string | undefined): (authorization: string | undefined) => boolean {
  if (key === undefined) return () => true;
  const expected = digest(`Bearer ${key}`);
  return (authorization) => timingSafeEqual(digest(authorization ?? ""), expected);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function failureOf(error: unknown): DheeraError {
  if (isDheeraError(error)) return error;
  if (error instanceof WrongConfiguration) return new DheeraError("invalid_request", error.message, { cause: error });
  return new DheeraError("internal", "the engine failed; its log has the reason", { cause: error });
}

function sendError(response: ServerResponse, failure: DheeraError, id: string): void {
  const { detail: _, ...body } = errorBody(failure, id);
  const { provider = null, deployment = null, retryAfter } = failure;
  if (retryAfter !== undefined) response.setHeader("retry-after", String(Math.max(1, Math.ceil(retryAfter))));
  send(response, failure.status, { ...body, error: { ...body.error, provider, deployment } });
}

function send(response: ServerResponse, status: number, body?: unknown): void {
  if (response.destroyed) return;
  if (body === undefined) return void response.writeHead(status).end();
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length }).end(bytes);
}
