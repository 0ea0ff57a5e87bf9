import { once } from "node:events";
import { type Server, createServer } from "node:http";

import { onOwnPort } from "../support/own-port.ts";
import { Exchange } from "./http/exchange.ts";
import type { Script } from "./faults/faults.ts";
import { handle } from "./http/handle.ts";
import type { Settings, SimulatorOptions } from "./options.ts";
import { Process } from "./process.ts";
import type { SimulatorStats } from "./stats.ts";

/**
 * A server on the loopback interface that answers as Text Embeddings Inference does, and fails where a script says so.
 */
export interface Simulator {
  /** `http://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  readonly stats: SimulatorStats;
  /** Replaces what goes wrong from now on. */
  follow(script: Script | undefined): void;
  /** The process dies: connections are reset, the port is closed, the work under way is lost. */
  kill(): Promise<void>;
  /** The process is started again on the same port, cold where there is a cold start, with some options changed. */
  restart(changes?: Partial<Settings>): Promise<void>;
  /** The model that is being started is there now, however long it would have taken. */
  finishStart(): void;
  /** How often a cold model was woken. */
  starts(): number;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const process = new Process(options);
  const listenOn = (port: number): Promise<Server> => listen(process, port);
  let server = await (options.port === undefined ? onOwnPort(listenOn) : listenOn(options.port));
  const port = portOf(server);
  const kill = async (): Promise<void> => {
    process.die();
    await stop(server);
  };
  return {
    url: `http://127.0.0.1:${port}`,
    stats: process.stats,
    follow: (script) => {
      process.script = script;
    },
    kill,
    restart: async (changes = {}) => {
      process.changeSettings(changes);
      server = await listen(process, port);
      process.alive = true;
    },
    finishStart: () => process.warmth.finish(),
    starts: () => process.warmth.starts,
    close: kill,
    [Symbol.asyncDispose]: kill,
  };
}

async function listen(process: Process, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const exchange = new Exchange(request, response, process);
    handle(exchange, process).catch(() => {
      // The client went away while it was being read or waited for; the exchange has counted that.
      response.destroy();
    });
  });
  // A server that closes idle connections by itself would make requests fail by chance.
  server.keepAliveTimeout = 0;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the simulator does not listen on a port");
  return address.port;
}
