// The proxy on workerd, the runtime of Cloudflare Workers.
import { type App, createApp, createGateway, parseConfig } from "@dheera-ai/proxy";
import type { Bindings } from "./bindings.ts";

/**
 * Hands every request to the one object that serves: what it learns of upstreams, remembers and counts is true for all
 * of them.
 */
export default {
  fetch(request: Request, { PROXY }: Bindings): Promise<Response> {
    return PROXY.get(PROXY.idFromName("proxy")).fetch(request);
  },
};

/**
 * A Durable Object, which unlike a Worker may wait in one request for what another began: a call that both need, a free
 * place, a cached score.
 */
export class DheeraProxy {
  readonly #app: Promise<App>;

  constructor(_state: unknown, bindings: Bindings) {
    this.#app = openApp(bindings);
  }

  async fetch(request: Request): Promise<Response> {
    const app = await this.#app;
    return app.fetch(request);
  }
}

async function openApp({ CONFIG, ...others }: Bindings): Promise<App> {
  // Secrets and variables are bindings too, and those are texts.
  const environment = Object.fromEntries(
    Object.entries(others).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  const { config } = parseConfig(CONFIG, { file: "config.yaml", environment });
  return createApp(await createGateway(config, { environment }));
}
