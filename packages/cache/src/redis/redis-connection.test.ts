import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";

import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { openRedis } from "./redis-connection.ts";
import { redisSettings } from "./redis-settings.ts";

const script = { text: "return 1", sha1: "0".repeat(40) };

describe("a connection to a cluster whose keys move from node to node", () => {
  it("keeps the first node and the one that has the keys, and closes those that had them", async () => {
    await using cluster = await startNodes(3);
    const redis = await openRedis(redisSettings({ url: cluster.url }), AbortSignal.timeout(60_000), 60_000);
    for (const owner of [1, 2, 1, 2, 0, 1, 0, 2, 0, 2, 1, 2]) {
      cluster.owner = owner;
      expect(await redis.run(script, ["k"], [])).toBe(owner);
    }
    await eventually(() => cluster.connections()).toEqual([1, 0, 1]);
    redis.end("done");
    await eventually(() => cluster.connections()).toEqual([0, 0, 0]);
  });

  it("hears what a node still answers that it leaves", async () => {
    await using cluster = await startNodes(3);
    const redis = await openRedis(redisSettings({ url: cluster.url }), AbortSignal.timeout(60_000), 60_000);
    cluster.owner = 1;
    await redis.run(script, ["k"], []);
    cluster.owner = 2;
    cluster.holdFrom = 1;
    // The second one was taken before the keys went, and is answered after the first one was sent on.
    const both = [redis.run(script, ["k"], []), redis.run(script, ["k"], [])];
    expect(await both[0]).toBe(2);
    cluster.release();
    expect(await both[1]).toBe(1);
    await eventually(() => cluster.connections()).toEqual([1, 0, 1]);
    redis.end("done");
  });

  it("waits for no node that it left for longer than for an answer", async () => {
    await using cluster = await startNodes(3);
    const redis = await openRedis(redisSettings({ url: cluster.url }), AbortSignal.timeout(60_000), 1_000);
    cluster.owner = 1;
    await redis.run(script, ["k"], []);
    cluster.owner = 2;
    cluster.holdFrom = 1;
    const both = [redis.run(script, ["k"], []), redis.run(script, ["k"], [])];
    expect(await both[0]).toBe(2);
    await expect(both[1]).rejects.toThrow();
    await eventually(() => cluster.connections()).toEqual([1, 0, 1]);
    expect(await redis.run(script, ["k"], [])).toBe(2);
    redis.end("done");
  });
});

/** Nodes that each answer a script with their number where they have the keys, and else say who does. */
async function startNodes(count: number) {
  const nodes = await Promise.all(Array.from({ length: count }, startNode));
  const ports = nodes.map(({ port }) => port);
  const [first] = ports;
  let [owner, holdFrom]: (number | undefined)[] = [0];
  const held: (() => void)[] = [];
  for (const [number, node] of nodes.entries()) {
    let asked = 0;
    node.answer = (socket) => {
      if (holdFrom === number && asked++ > 0) held.push(() => void socket.write(`:${number}\r\n`));
      else socket.write(owner === number ? `:${number}\r\n` : `-MOVED 1 127.0.0.1:${ports[owner ?? 0]}\r\n`);
    };
  }
  return {
    url: `redis://127.0.0.1:${first}`,
    set owner(number: number) {
      owner = number;
    },
    /** All but the first script that it is asked next wait there for `release`, and are answered. */
    set holdFrom(number: number) {
      holdFrom = number;
    },
    release(): void {
      for (const answer of held.splice(0)) answer();
    },
    connections: () => nodes.map(({ sockets }) => sockets.size),
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

interface Node {
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
  answer: (socket: Socket) => void;
  stop(): Promise<void>;
}

async function startNode(): Promise<Node> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      // Each command is small, and begins with how many words it has.
      for (const command of chunk.toString("latin1").split(/(?=\*\d+\r\n)/)) {
        if (command.includes("EVAL")) node.answer(socket);
        else socket.write("+PONG\r\n");
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const node: Node = {
    port: portOf(server.address()),
    sockets,
    answer: () => {},
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return node;
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  return address.port;
}
