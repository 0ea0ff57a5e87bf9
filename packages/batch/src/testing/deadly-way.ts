import { once } from "node:events";
import { type Socket, connect, createServer } from "node:net";

/** A way to a Redis on loopback, on which a worker is killed. */
export interface DeadlyWay extends AsyncDisposable {
  readonly url: string;
  /** `kill` is called in place of passing on the command that comes after so many, all of which have been answered. */
  killAfter(commands: number, kill: () => void): void;
}

/** Passes on one command when the one before it was answered, so that a process can be killed between any two. */
export async function openDeadlyWay(port: number): Promise<DeadlyWay> {
  let left = Infinity;
  let kill = (): void => {};
  const sockets = new Set<Socket>();
  const server = createServer((worker) => {
    const redis = connect(port, "127.0.0.1");
    for (const socket of [worker, redis]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        sockets.delete(socket);
        worker.destroy();
        redis.destroy();
      });
    }
    let waiting = Buffer.alloc(0);
    let isAnswered = true;
    const passOn = (): void => {
      const length = isAnswered ? lengthOfCommand(waiting) : 0;
      if (length === 0) return;
      if (left-- <= 0) return kill();
      isAnswered = false;
      redis.write(waiting.subarray(0, length));
      waiting = waiting.subarray(length);
    };
    worker.on("data", (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      passOn();
    });
    redis.on("data", (answer: Buffer) => {
      worker.write(answer);
      isAnswered = true;
      passOn();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the way has no port");
  return {
    url: `redis://127.0.0.1:${address.port}`,
    killAfter(commands, then) {
      left = commands;
      kill = then;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Bytes of the first command, `*<count>` and then each text with its length; 0 while some of it has not come. */
function lengthOfCommand(bytes: Buffer): number {
  let at = 0;
  const number = (): number => {
    const end = bytes.indexOf("\r\n", at);
    if (end === -1) return NaN;
    const read = Number(bytes.toString("latin1", at + 1, end));
    at = end + 2;
    return read;
  };
  const texts = number();
  for (let text = 0; text < texts; text++) {
    const length = number();
    at += length + 2;
  }
  return at <= bytes.length ? at : 0;
}
