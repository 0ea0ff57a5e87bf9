import { once } from "node:events";
import { type Socket, connect } from "node:net";

/** A connection on which anything can be said. */
export interface RawConnection {
  /** What came back so far. */
  readonly heard: string;
  say(what: string | Uint8Array): void;
  /** Resolves with all that came back once that holds `part`. @throws Error when the other side hangs up before */
  hear(part: string): Promise<string>;
  /** Resolves with all that came back when the other side hangs up. */
  end(): Promise<string>;
  close(): void;
}

export async function openConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  return listenTo(socket);
}

/** Says one thing to a server and gives all that it answers until it hangs up. */
export async function sayOnce(url: string, what: string | Uint8Array): Promise<string> {
  const connection = await openConnection(url);
  connection.say(what);
  return connection.end();
}

function listenTo(socket: Socket): RawConnection {
  let heard = "";
  const ended = Promise.withResolvers<void>();
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
  socket.on("close", () => ended.resolve());
  // A server that has refused a request does not read its rest.
  socket.on("error", () => socket.destroy());
  return {
    get heard() {
      return heard;
    },
    say: (what) => void socket.write(what),
    hear: async (part) => {
      while (!heard.includes(part)) {
        if (socket.closed) throw new Error(`the other side hung up before it said "${part}"; it said:\n${heard}`);
        await Promise.race([once(socket, "data"), ended.promise]);
      }
      return heard;
    },
    end: async () => {
      await ended.promise;
      return heard;
    },
    close: () => socket.destroy(),
  };
}
