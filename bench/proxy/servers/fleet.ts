import { findProgram } from "../../../test/support/programs.ts";
import { type Runtime, masterKey, modelName, startGateway } from "./gateway.ts";
import type { Target } from "../load/measured.ts";
import { startYardstick } from "./nginx.ts";
import { type Shape, proxyBody, upstreamBody } from "../load/shapes.ts";
import { startBare, startStub } from "./upstream.ts";

/** `cold`: nothing that is asked is known; `warm`: everything is. */
export type Cache = "off" | "cold" | "warm";

/** What is compared: a process of its own. */
export interface Server {
  readonly kind: "direct" | "nginx" | `bare ${Runtime}` | Runtime;
  /** Absent where there is none to switch on. */
  readonly cache?: Cache;
  readonly pid: number;
  targetOf(shape: Shape): Target;
}

export interface Fleet extends AsyncDisposable {
  readonly servers: readonly Server[];
}

export const names: Readonly<Record<Server["kind"], string>> = {
  direct: "the stub, directly",
  nginx: "nginx",
  "bare node": "bare Node.js",
  "bare bun": "bare Bun",
  node: "Dheera AI on Node.js",
  bun: "Dheera AI on Bun",
};

/** The stub upstream and all that may stand before it, running at the same time. */
export async function startFleet(
  shapes: readonly Shape[],
  runtimes: readonly Runtime[],
  caches: readonly Cache[],
): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const nginx = findProgram("nginx");
  const stub = stack.use(await startStub(shapes));
  const servers: Server[] = [{ kind: "direct", pid: stub.pid, targetOf: upstreamTarget(stub.url) }];
  if (nginx !== undefined) {
    const yardstick = stack.use(await startYardstick(nginx, stub.url));
    servers.push({ kind: "nginx", pid: yardstick.pid, targetOf: upstreamTarget(yardstick.url) });
  }
  for (const runtime of runtimes) {
    const bare = stack.use(await startBare(runtime, stub.url));
    servers.push({
      kind: `bare ${runtime}`,
      pid: bare.pid,
      targetOf: (shape) => ({ url: `${bare.url}/${shape.documents}/rerank`, body: ask(shape) }),
    });
  }
  for (const kind of runtimes)
    for (const cache of caches) {
      const gateway = stack.use(await startGateway(kind, stub.url, shapes, { cache: cache !== "off" }));
      const asked = { url: `${gateway.url}/rerank`, key: masterKey, unique: cache === "cold" };
      servers.push({ kind, cache, pid: gateway.pid, targetOf: (shape) => ({ ...asked, body: ask(shape) }) });
    }
  const all = stack.move();
  return { servers, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function upstreamTarget(origin: string): Server["targetOf"] {
  return (shape) => ({ url: `${origin}/${shape.documents}/rerank`, body: upstreamBody(shape) });
}

function ask(shape: Shape): string {
  return proxyBody(shape, modelName(shape));
}
