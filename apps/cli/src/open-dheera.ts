import type { Dheera } from "@dheera-ai/core";

import { connectConfiguration, readConfiguration } from "./configuration.ts";
import type { Terminal } from "./terminal.ts";

/** A Dheera whose connections are closed when it is disposed of. */
export interface OpenDheera extends AsyncDisposable {
  readonly dheera: Dheera;
}

/** Opens the models of a configuration or, without one, every official provider. @throws WrongConfiguration */
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
  const dheera = createDheera({ providers: officialProviders({ environment }), defaultProvider });
  return { dheera, [Symbol.asyncDispose]: () => dheera.close() };
}
