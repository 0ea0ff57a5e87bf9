import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { json, text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
/** What follows Node.js to start an engine from its source. */
export const engineArguments: readonly string[] = ["-C", "source", main, "engine"];

export interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface EngineRequest {
  readonly body?: unknown;
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

export interface RunningEngine extends AsyncDisposable {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** The path of its socket, or its URL. */
  readonly address: string;
  send(route: string, request?: EngineRequest): Promise<EngineAnswer>;
  /** Everything it wrote to standard error, and its exit code, once it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

export interface EngineOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly launch?: Readonly<Record<string, string>>;
}

/** Starts an engine from its source as a process of its own, on a Unix socket unless `launch` says otherwise. */
export async function startEngine({ environment = {}, launch }: EngineOptions = {}): Promise<RunningEngine> {
  const folder = await mkdtemp(join(tmpdir(), "dheera-engine-"));
  const child = spawn(process.execPath, engineArguments, {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = Promise.all([text(child.stderr), once(child, "close")]).then(([stderr]) => ({
    code: child.exitCode,
    stderr,
  }));
  const wanted = launch?.["key"] === undefined ? { socket: join(folder, "engine.sock"), ...launch } : launch;
  child.stdin.write(`${JSON.stringify(wanted)}\n`);
  const address = addressOf(await firstLine(child.stdout));
  return {
    child,
    address,
    send: (route, sent) => sendTo(address, route, sent),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** @param address the path of a socket, or a URL */
export async function sendTo(
  address: string,
  route: string,
  { body, headers, signal }: EngineRequest = {},
): Promise<EngineAnswer> {
  const [method, path] = route.split(" ");
  const place = address.startsWith("http") ? { ...urlParts(address) } : { socketPath: address };
  const sent = request({ ...place, method, path, headers, agent: false, ...(signal && { signal }) });
  sent.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  const [response] = await once(sent, "response");
  const { statusCode: status, headers: received } = response;
  return { status, headers: received, body: status === 204 ? undefined : await json(response) };
}

async function firstLine(output: Readable): Promise<string> {
  let all = "";
  for await (const chunk of output.iterator({ destroyOnReturn: false })) {
    all += String(chunk);
    if (all.includes("\n")) return all.slice(0, all.indexOf("\n"));
  }
  return all;
}

function addressOf(line: string): string {
  const announced: unknown = JSON.parse(line);
  if (typeof announced === "object" && announced !== null && "address" in announced) return String(announced.address);
  throw new Error(`the engine did not start: ${line}`);
}

function urlParts(url: string): { readonly host: string; readonly port: string } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port };
}
