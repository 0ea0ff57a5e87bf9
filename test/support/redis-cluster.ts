import { spawn } from "node:child_process";
import { once } from "node:events";

import { eventually } from "./eventually.ts";
import { type RedisServer, startRedisServer } from "./redis-server.ts";

/** A real Redis Cluster on loopback: three nodes, which have a third of all keys each. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly RedisServer[];
}

/** @throws Error when `redis-server` or `redis-cli` is not installed */
export async function startRedisCluster(): Promise<RedisCluster> {
  const started = await Promise.allSettled(
    Array.from({ length: 3 }, () => startRedisServer("--cluster-enabled", "yes", "--cluster-node-timeout", "5000")),
  );
  const nodes = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    for (const one of started) if (one.status === "rejected") throw one.reason;
    const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
    await cli("--cluster", "create", ...addresses, "--cluster-replicas", "0", "--cluster-yes");
    // Each node has to hear of it.
    for (const { port } of nodes)
      await eventually(() => cli("-p", String(port), "cluster", "info")).toContain("cluster_state:ok");
    return { nodes, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function cli(...commandLine: readonly string[]): Promise<string> {
  const child = spawn("redis-cli", commandLine, { stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr])
    output.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0) throw new Error(`redis-cli ${commandLine[0] ?? ""} failed:\n${said.join("")}`);
  return said.join("");
}
