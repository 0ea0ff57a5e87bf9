import type { Transport } from "@dheera-ai/core";

import type { Environment } from "../../config/read/resolve-references.ts";
import { type Telemetry, noTelemetry } from "../../telemetry/telemetry.ts";
import { openUpstreams } from "./open-upstreams.ts";
import { readOutgoingProxies } from "./outgoing-proxies.ts";
import { readTls } from "./tls.ts";

/** Connections to upstreams, to be closed after use. */
export interface OpenTransport {
  readonly transport: Transport;
  /** The runtime's own `fetch` over such connections, for answers of any size. */
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

const mostBytes = 32_000_000;

/** Connections for programs without a configuration, as the environment wants them. @throws Error naming the variable */
export async function openTransport(
  environment: Environment,
  telemetry: Pick<Telemetry, "outgoingHeaders"> = noTelemetry,
): Promise<OpenTransport> {
  const way = { tls: await readTls({}, environment, "."), proxies: readOutgoingProxies(environment) };
  const upstreams = await openUpstreams();
  return {
    transport: await upstreams.transport(way, mostBytes, telemetry),
    fetch: await upstreams.fetch(way),
    close: () => upstreams.close(),
  };
}
