import { once } from "node:events";
import type { Server } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { type DheeraError, isDheeraError } from "@dheera-ai/core";
import { describeError, eventLog } from "@dheera-ai/proxy/reporting";

import { UsageError, WrongConfiguration } from "../errors.ts";
import { openDheera } from "../open-dheera.ts";
import { createEngineServer } from "./engine-server.ts";
import { jsonLog } from "./json-log.ts";
import { type Launch, readLaunch } from "./launch.ts";
import { openModels } from "./models.ts";
import { createTraceContext } from "./trace-context.ts";

/** What the engine knows of its process. */
export interface EngineProcess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The first line says what to do; the end says that the parent is gone. */
  readonly input: NodeJS.ReadableStream;
  /** Writes a line to standard output, for the parent. */
  print(line: string): void;
  /** Writes a line to standard error: what a log is to get. */
  printError(line: string): void;
  /** Aborted when the process is asked to end. */
  readonly stop: AbortSignal;
  readonly version: string;
}

/**
 * Serves the library to one parent process, for the Python package: HTTP on a Unix socket that only this user may open,
 * or on a loopback port with a key. Ends with its parent, however that ends. Returns the exit code.
 */
export async function runEngine({
  environment,
  input,
  print,
  printError,
  stop,
  version,
}: EngineProcess): Promise<number> {
  const log = jsonLog(printError);
  const onError = (error: unknown): void => log.error("the engine failed", { error: describeError(error) });
  const trace = createTraceContext();
  const telemetry = { log, observer: eventLog(log), outgoingHeaders: trace.headers };
  const parent = watchParent(input);
  try {
    const launch = readLaunch(await parent.firstLine);
    const open = (variables: EngineProcess["environment"]) => openDheera(launch.config, variables, telemetry);
    const models = await openModels(open, environment, onError);
    const end = AbortSignal.any([stop, parent.gone]);
    const key = "key" in launch ? launch.key : undefined;
    const server = createEngineServer({ models, trace, key, stop: end, version, onError });
    print(JSON.stringify({ ready: true, address: await listen(server, launch) }));
    if (!end.aborted) await once(end, "abort");
    server.close();
    server.closeAllConnections();
    await Promise.race([models[Symbol.asyncDispose](), sleep(closeTimeoutMs)]);
    return 0;
  } catch (error) {
    print(JSON.stringify({ error: refusalOf(error) }));
    return 2;
  }
}

/** Requests were aborted; what does not end then must not keep the process. */
const closeTimeoutMs = 2_000;

/** Milliseconds. A parent that was killed leaves standard input open where a process that it forked holds the other end. */
const parentCheckMs = 1_000;

interface Parent {
  readonly firstLine: Promise<string>;
  /** Aborted when standard input ends, and when another process has become the parent. */
  readonly gone: AbortSignal;
}

function watchParent(input: NodeJS.ReadableStream): Parent {
  const gone = new AbortController();
  const lines = createInterface({ input });
  const { promise: firstLine, resolve } = Promise.withResolvers<string>();
  lines.once("line", resolve);
  lines.once("close", () => {
    resolve("");
    gone.abort();
  });
  const { ppid } = process;
  setInterval(() => {
    if (process.ppid !== ppid) gone.abort();
  }, parentCheckMs).unref();
  return { firstLine, gone: gone.signal };
}

/** Returns the address. */
async function listen(server: Server, launch: Launch): Promise<string> {
  if ("socket" in launch) {
    // The socket is made with these permissions: there is no moment in which others may open it.
    const mask = process.umask(0o177);
    try {
      server.listen(launch.socket);
      await once(server, "listening");
    } finally {
      process.umask(mask);
    }
    return launch.socket;
  }
  server.listen(0, launch.host);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return `http://${launch.host.includes(":") ? `[${launch.host}]` : launch.host}:${port}`;
}

function refusalOf(error: unknown): Pick<DheeraError, "code" | "message"> {
  if (isDheeraError(error)) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const isUsers = error instanceof WrongConfiguration || error instanceof UsageError;
  return { code: isUsers ? "invalid_request" : "internal", message };
}
