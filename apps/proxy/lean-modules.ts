import type { Rolldown } from "tsdown";

/** Leaves out of the bundle what its libraries import for uses that nobody makes of them here, where it slows the start down. */
export function leanModules(): Rolldown.Plugin {
  return {
    name: "lean-modules",
    resolveId: {
      // Before it is decided what stays a dependency.
      order: "pre",
      handler(id, importer = "") {
        const found = replaced.find((one) => one.id === id && one.from.test(importer));
        return found && { id: `\0lean:${replaced.indexOf(found)}`, moduleSideEffects: false };
      },
    },
    load(id) {
      const at = /^\0lean:(\d+)$/.exec(id)?.[1];
      return at === undefined ? null : (replaced[Number(at)]?.code ?? null);
    },
  };
}

interface Replaced {
  readonly id: string;
  /** Whose imports of it are meant. */
  readonly from: RegExp;
  readonly code: string;
}

const replaced: readonly Replaced[] = [
  // Neither clients nor upstreams are spoken to in HTTP/2 (`allowH2: false`): 10 ms.
  {
    id: "node:http2",
    from: /\/node_modules\/(?:undici|@hono\/node-server)\//,
    code: "export class Http2ServerRequest {}\nexport const constants = {};",
  },
  // Metrics are asked for and never pushed, and name no traces: TLS, and 50 files.
  { id: "./lib/pushgateway", from: /\/node_modules\/prom-client\//, code: "export default undefined;" },
  { id: "@opentelemetry/api", from: /\/node_modules\/prom-client\//, code: "export const trace = undefined;" },
  // Forms are sent by the runtime's own `fetch` (transport.ts), which writes them as bytes: without undici's, which knows them, 400 kB.
  {
    id: "../web/fetch/body.js",
    from: /\/node_modules\/undici\/lib\/dispatcher\/client-h[12]\.js$/,
    code: `export function extractBody() { throw new TypeError("only texts and bytes are sent over these connections"); }`,
  },
  {
    id: "../web/fetch/formdata",
    from: /\/node_modules\/undici\/lib\/core\/request\.js$/,
    code: "export default undefined;",
  },
  {
    id: "../web/webidl",
    from: /\/node_modules\/undici\/lib\/core\/request\.js$/,
    code: "export const webidl = { is: { FormData: () => false } };",
  },
];
