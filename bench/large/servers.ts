import { masterKey, type Runtime, startWith } from "../proxy/servers/gateway.ts";
import { smallShape } from "../proxy/load/shapes.ts";
import { startBare, startStub } from "../proxy/servers/upstream.ts";

/** Who is asked, and as what. */
export interface LargeTarget {
  readonly what: string;
  readonly pid: number;
  readonly url: string;
  readonly model: string;
  readonly key?: string;
}

export interface LargeServers extends AsyncDisposable {
  readonly small: LargeTarget;
  readonly large: readonly LargeTarget[];
}

/** Documents that one of the stubs takes in a call, and that are sent. */
export const documentsOfOneCall = 10_000;
const documentsOfManyCalls = 100;

/** The proxy before a server that takes all documents in one call, before one that takes a hundred, and the bare server. */
export async function startLargeServers(runtime: Runtime): Promise<LargeServers> {
  await using stack = new AsyncDisposableStack();
  const whole = stack.use(await startStub([smallShape, { ...smallShape, documents: documentsOfOneCall }]));
  const parts = stack.use(await startStub([{ ...smallShape, documents: documentsOfManyCalls }], documentsOfManyCalls));
  const model_list = [
    entryOf("small", `${whole.url}/${smallShape.documents}`),
    entryOf("one call", `${whole.url}/${documentsOfOneCall}`),
    entryOf("many calls", `${parts.url}/${documentsOfManyCalls}`),
  ];
  const gateway = stack.use(await startWith(runtime, { model_list, general_settings: { master_key: masterKey } }));
  const bare = stack.use(await startBare("node", whole.url));
  const asked = { pid: gateway.pid, url: `${gateway.url}/rerank`, key: masterKey };
  const all = stack.move();
  return {
    small: { ...asked, what: "proxy, small requests", model: "small" },
    large: [
      { ...asked, what: "proxy, one call of 10,000 documents", model: "one call" },
      { ...asked, what: "proxy, 100 calls of 100 documents", model: "many calls" },
      { pid: bare.pid, url: `${bare.url}/${documentsOfOneCall}/rerank`, what: "bare Node.js, one call", model: "" },
    ],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Its server takes more bytes in a call than any body of this bench has. */
function entryOf(model_name: string, api_base: string): object {
  return {
    model_name,
    dheera_ai_params: { model: "huggingface/bench/reranker", api_base, max_bytes_per_call: 100_000_000 },
  };
}
