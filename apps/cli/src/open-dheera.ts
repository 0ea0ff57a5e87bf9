import type { Dheera, Transport } from "@dheera-ai/core";
import type { OpenTransport, Telemetry } from "@dheera-ai/proxy";

import { connectConfiguration, readConfiguration } from "./configuration.ts";
import { WrongConfiguration } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** A Dheera whose connections are closed when it is disposed of. */
export interface OpenDheera extends AsyncDisposable {
  readonly dheera: Dheera;
}

/**
 * Opens the models of a configuration or, without one, every official provider, over connections like the proxy's.
 * @param telemetry is told what happens, and gives headers for calls; nothing is watched without it
 * @throws WrongConfiguration
 */
export async function openDheera(
  config: string | undefined,
  environment: Terminal["environment"],
  telemetry?: Telemetry,
): Promise<OpenDheera> {
  if (config === undefined) return openOfficial(environment, telemetry);
  const gateway = await connectConfiguration(await readConfiguration(config, environment), environment, telemetry);
  return { dheera: gateway.dheera, [Symbol.asyncDispose]: () => gateway.close() };
}

async function openOfficial(environment: Terminal["environment"], telemetry?: Telemetry): Promise<OpenDheera> {
  const { createDheera, defaultProvider, officialProviders } = await import("dheera-ai");
  const connections = isReachedOtherwise(environment) ? await openConnections(environment, telemetry) : undefined;
  const transport = connections?.transport ?? plainTransport(telemetry);
  const dheera = createDheera({
    providers: officialProviders({ environment, directory: "." }),
    defaultProvider,
    ...(transport && { transport }),
    ...(telemetry?.observer && { observer: telemetry.observer }),
  });
  return {
    dheera,
    async [Symbol.asyncDispose]() {
      await dheera.close();
      await connections?.close();
    },
  };
}

/** Whether the environment says how servers are reached. The proxy's connections, which know it, take a while to load. */
function isReachedOtherwise(environment: Terminal["environment"]): boolean {
  return waysOfEnvironment.some((name) => Boolean(environment[name] ?? environment[name.toLowerCase()]));
}

const waysOfEnvironment = [
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "ALL_PROXY",
  "SSL_VERIFY",
  "SSL_CERT_FILE",
  "SSL_CERTIFICATE",
] as const;

/** The runtime's own `fetch`, with the proxies and the certificates of the environment. To be closed after use. */
export async function openFetch(
  environment: Terminal["environment"],
): Promise<AsyncDisposable & { readonly fetch: typeof globalThis.fetch }> {
  if (!isReachedOtherwise(environment)) return { fetch: globalThis.fetch, [Symbol.asyncDispose]: async () => {} };
  const { fetch, close } = await openConnections(environment);
  return { fetch, [Symbol.asyncDispose]: close };
}

async function openConnections(environment: Terminal["environment"], telemetry?: Telemetry): Promise<OpenTransport> {
  const { openTransport } = await import("@dheera-ai/proxy");
  return openTransport(environment, telemetry).catch((error: unknown) => {
    throw error instanceof Error ? new WrongConfiguration(error.message, { cause: error }) : error;
  });
}

/** The runtime's own `fetch`, with the headers of telemetry that has some; undefined where it gives none. */
function plainTransport(telemetry: Pick<Telemetry, "outgoingHeaders"> | undefined): Transport | undefined {
  if (!telemetry?.outgoingHeaders) return undefined;
  return {
    fetch: (input, init) => {
      const added = telemetry.outgoingHeaders?.();
      if (!added) return globalThis.fetch(input, init);
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(added)) headers.set(name, value);
      return globalThis.fetch(input, { ...init, headers });
    },
  };
}
