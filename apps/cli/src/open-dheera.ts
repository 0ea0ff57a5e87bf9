import type { Dheera } from "@dheera-ai/core";
import type { OpenTransport } from "@dheera-ai/proxy";

import { connectConfiguration, readConfiguration } from "./configuration.ts";
import { WrongConfiguration } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** A Dheera whose connections are closed when it is disposed of. */
export interface OpenDheera extends AsyncDisposable {
  readonly dheera: Dheera;
}

/**
 * Opens the models of a configuration or, without one, every official provider, over connections like the proxy's.
 * @throws WrongConfiguration
 */
export async function openDheera(
  config: string | undefined,
  environment: Terminal["environment"],
): Promise<OpenDheera> {
  if (config === undefined) return openOfficial(environment);
  const gateway = await connectConfiguration(await readConfiguration(config, environment), environment);
  return { dheera: gateway.dheera, [Symbol.asyncDispose]: () => gateway.close() };
}

async function openOfficial(environment: Terminal["environment"]): Promise<OpenDheera> {
  const { createDheera, defaultProvider, officialProviders } = await import("dheera-ai");
  const connections = isReachedOtherwise(environment) ? await openConnections(environment) : undefined;
  const dheera = createDheera({
    providers: officialProviders({ environment }),
    defaultProvider,
    ...(connections && { transport: connections.transport }),
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

async function openConnections(environment: Terminal["environment"]): Promise<OpenTransport> {
  const { openTransport } = await import("@dheera-ai/proxy");
  return openTransport(environment).catch((error: unknown) => {
    throw error instanceof Error ? new WrongConfiguration(error.message, { cause: error }) : error;
  });
}
