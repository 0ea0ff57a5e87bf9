import type { IncomingMessage, ServerResponse } from "node:http";

import type { Answer } from "./answer.ts";
import { isScoring } from "../faults/faults.ts";
import type { Process } from "../process.ts";
import type { SimulatorStats } from "../stats.ts";

/** One request and the ways it can end, each of them counted. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #stats: SimulatorStats;
  readonly #gone = new AbortController();
  #endedByServer = false;

  constructor(request: IncomingMessage, response: ServerResponse, process: Process) {
    const { stats } = process;
    this.request = request;
    this.#response = response;
    this.#stats = stats;
    this.method = request.method ?? "GET";
    this.path = new URL(request.url ?? "/", "http://localhost").pathname;
    const counts = this.method === "POST" && isScoring(this);
    if (counts) stats.beginCall();
    if (this.path === "/info") stats.infoCalls += 1;
    response.once("close", () => {
      this.#gone.abort();
      if (counts) stats.endCall(process.alive && !this.#endedByServer && !response.writableFinished);
    });
  }

  /** Aborts when the exchange is over, ended by the client or by the server. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  send(answer: Answer): void {
    this.#writeHead(answer);
    this.#response.end(answer.body);
  }

  /** The whole head, half of the body, and the connection is gone. */
  sendHalf(answer: Answer): void {
    this.#endedByServer = true;
    this.#writeHead(answer);
    this.#response.write(answer.body.slice(0, answer.body.length / 2), () => this.#response.destroy());
  }

  /** Ends the connection with a TCP reset. */
  reset(): void {
    this.#endedByServer = true;
    this.request.socket.resetAndDestroy();
  }

  #writeHead({ status, headers, body }: Answer): void {
    this.#stats.countStatus(status);
    this.#response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  }
}
