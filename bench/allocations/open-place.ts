import { openSend } from "../proxy/load/send.ts";
import { proxyBody } from "../proxy/load/shapes.ts";
import { type Runtime, configOf, masterKey, modelName } from "../proxy/servers/gateway.ts";
import { startNodeStub } from "../proxy/servers/upstream.ts";
import type { Place } from "./places.ts";
import { type WatchedProcess, optimisesSoon, startWatched } from "./watched-process.ts";

export interface PlaceOptions {
  /** As many as there are requests at one time; default 8. */
  readonly connections?: number;
  /** As `configOf` has them. */
  readonly deployments?: Parameters<typeof configOf>[2];
  /** Default Node.js. */
  readonly runtime?: Runtime;
  /** By default V8 optimises soon. */
  readonly v8Options?: readonly string[];
}

/** The process of a place, with what sends it requests. */
export async function openPlace(
  { kind, shape }: Pick<Place, "kind" | "shape">,
  { connections = 8, deployments, runtime = "node", v8Options = optimisesSoon }: PlaceOptions = {},
): Promise<WatchedProcess> {
  const options = { runtime, v8Options };
  if (kind === "core") return startWatched("core-process.ts", String(shape.documents), options);
  await using stack = new AsyncDisposableStack();
  // On every machine the same one: the headers of an answer count too.
  const stub = stack.use(await startNodeStub());
  const config = JSON.stringify(configOf(stub.url, [shape], deployments));
  const proxy = stack.use(await startWatched("proxy-process.ts", config, options));
  const body = proxyBody(shape, modelName(shape));
  const { send, close } = openSend(
    { url: `${proxy.greeting}/rerank`, body, key: masterKey, unique: true },
    connections,
  );
  stack.defer(close);
  const sendOne = (): Promise<void> =>
    new Promise((resolve, reject) =>
      send((failed) => (failed ? reject(new Error("the proxy failed to answer")) : resolve())),
    );
  const all = stack.move();
  return {
    ...proxy,
    rank: async (requests) => {
      let left = requests;
      const sendMany = async (): Promise<void> => {
        while (left-- > 0) await sendOne();
      };
      await Promise.all(Array.from({ length: connections }, sendMany));
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
