// The proxy is a plain `fetch` handler; here Bun serves it:  bun main.ts [config.yaml] [port] [address]
import { dirname } from "node:path";

import { type GatewayRef, createApp, createGateway, loadConfig } from "@dheera-ai/proxy";

const [path = `${import.meta.dirname}/../config.yaml`, port = "4000", hostname = "127.0.0.1"] = process.argv.slice(2);
const { config } = await loadConfig(path, process.env);
const gateway = await createGateway(config, { environment: process.env, directory: dirname(path) });
let state: GatewayRef["state"] = "serving";
const serving: GatewayRef = {
  gateway,
  get state() {
    return state;
  },
};
const app = createApp(serving, { peerAddress: (request) => server.requestIP(request)?.address });

const server = Bun.serve({
  hostname,
  port: Number(port),
  // Bun would close a connection that is silent for ten seconds. How long a request may take is the proxy's business.
  idleTimeout: 0,
  fetch: (request) => app.fetch(request),
});
console.log(`RUNNING on ${server.url.origin}`);

process.once("SIGTERM", async () => {
  state = "draining";
  await server.stop();
  await gateway.close();
});
