import { type Server, createServer } from "node:http";

import { DheeraError } from "@dheera-ai/core";

/** A port on loopback, held before there is anything to judge, so that nothing is paid for where it is taken. */
export interface JudgingPort extends AsyncDisposable {
  readonly server: Server;
  readonly number: number;
}

/**
 * @param port 0 takes any that is free
 * @throws DheeraError `invalid_request` where another program has it, or where it is not for everybody
 */
export async function openJudgingPort(port: number): Promise<JudgingPort> {
  const server = createServer({ requestTimeout: 10_000 });
  await listen(server, port);
  return {
    server,
    number: portOf(server),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const reason = reasons[error.code ?? ""];
      reject(
        reason === undefined
          ? error
          : new DheeraError(
              "invalid_request",
              `port ${port} ${reason}; name another one with --port, or leave it out to take any that is free`,
              { cause: error },
            ),
      );
    };
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", fail);
      resolve();
    });
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another program",
  EACCES: "is not for programs of this user",
};

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
