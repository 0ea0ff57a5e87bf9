import { bodyOf, modelName } from "../dialects.ts";
import { infoOf } from "../../proxy/servers/info.ts";
import type { Listening } from "../../proxy/processes.ts";
import { answerWith, startNginx, startYardstick } from "../../proxy/servers/nginx.ts";
import { packages } from "../install.ts";
import type { Peer } from "./peer.ts";
import { type Shape, upstreamAnswer } from "../../proxy/load/shapes.ts";
import { optionsOf, startPeer } from "./start-peer.ts";
import type { Target } from "../../proxy/load/measured.ts";

/**
 * The upstream: nginx that answers one shape's ranking at once and without reading the request, as Text Embeddings Inference does at `/rerank`
 * and, in the same bytes, as SGLang does at `/v1/rerank`; what else it is asked about itself it answers as the former.
 */
export function startUpstream(nginx: string, shape: Shape): Promise<Listening> {
  const answer = answerWith(upstreamAnswer(shape));
  return startNginx(
    nginx,
    `server { listen PORT; default_type application/json;
      location = /rerank { ${answer} } location = /v1/rerank { ${answer} }
      location = /v1/models { return 200 '${JSON.stringify({ object: "list", data: [{ id: modelName, object: "model" }] })}'; }
      location / { return 200 '${infoOf()}'; } }`,
  );
}

/** The upstream without anything before it. */
export function directly(pid: number): Peer {
  return {
    name: "the upstream itself",
    version: "",
    workers: 0,
    dialect: "passed on",
    start: (upstream, shape) =>
      Promise.resolve({ pid, target: targetOf(shape, upstream), [Symbol.asyncDispose]: () => Promise.resolve() }),
  };
}

/** nginx that hands everything on, in one process. */
export function nginxProxy(nginx: string, version: string): Peer {
  return {
    name: "nginx, `proxy_pass`",
    version,
    workers: 1,
    dialect: "passed on",
    start: async (upstream, shape) => {
      const { pid, url, ...running } = await startYardstick(nginx, upstream);
      return { ...running, pid, target: targetOf(shape, url) };
    },
  };
}

/** Envoy that hands everything on, in one thread. */
export function envoy(program: string): Peer {
  return {
    name: `${packages.envoy.name}, one route`,
    version: packages.envoy.version,
    workers: 1,
    dialect: "passed on",
    start: (upstream, shape) =>
      startPeer("passed on", shape, "", (port) => ({
        command: [
          program,
          ...optionsOf({
            "config-yaml": envoyConfiguration(port, new URL(upstream).port),
            concurrency: 1,
            "log-level": "off",
          }),
          "--use-dynamic-base-id",
        ],
        target: targetOf(shape, `http://127.0.0.1:${port}`),
      })),
  };
}

function targetOf(shape: Shape, origin: string): Target {
  return { url: `${origin}/rerank`, body: bodyOf("passed on", shape), unique: true };
}

function addressOf(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

/** One listener, one route, one cluster. */
function envoyConfiguration(port: number, upstreamPort: string): string {
  const name = "upstream";
  const manager = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: name,
    route_config: {
      virtual_hosts: [{ name, domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: name } }] }],
    },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
      },
    ],
  };
  const filter = { name: "envoy.filters.network.http_connection_manager", typed_config: manager };
  const endpoint = { endpoint: { address: addressOf(Number(upstreamPort)) } };
  return JSON.stringify({
    static_resources: {
      listeners: [{ name, address: addressOf(port), filter_chains: [{ filters: [filter] }] }],
      clusters: [
        { name, type: "STATIC", load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint] }] } },
      ],
    },
  });
}
