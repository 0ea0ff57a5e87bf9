import { DheeraError } from "@dheera-ai/core";

/** What a queue in Redis is made with, loaded when one is opened. */
export interface RedisPackages {
  readonly bullmq: typeof import("bullmq");
  readonly Redis: typeof import("ioredis").Redis;
  readonly Cluster: typeof import("ioredis").Cluster;
}

/** @throws DheeraError `unavailable` that says what to install */
export async function loadRedisPackages(): Promise<RedisPackages> {
  try {
    const [bullmq, { Cluster, Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, Cluster, Redis };
  } catch (cause) {
    throw new DheeraError("unavailable", "a queue in Redis needs two packages: npm install bullmq ioredis", {
      cause,
      retryable: false,
    });
  }
}
