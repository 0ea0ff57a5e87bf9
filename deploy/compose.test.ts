import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { parseConfig } from "@dheera-ai/proxy";
import * as v from "valibot";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";

import { needs } from "../test/support/programs.ts";
import { lintCompose } from "./testing/lint-compose.ts";

const here = import.meta.dirname;
const service = v.object({
  image: v.string(),
  command: v.optional(v.array(v.string()), []),
  depends_on: v.optional(v.unknown()),
  environment: v.optional(v.record(v.string(), v.string()), {}),
  ports: v.optional(v.array(v.string()), []),
  volumes: v.optional(v.array(v.string()), []),
  stop_grace_period: v.optional(v.string()),
});
const { services } = v.parse(v.object({ services: v.record(v.string(), service) }), parse(await read("compose.yaml")));

describe("the compose file", () => {
  it("fits the schema of Compose and has no mistake that its linter knows", () => {
    expect(lintCompose(join(here, "compose.yaml"))).toEqual([]);
  });

  it("mounts what is there", async () => {
    const mounted = Object.values(services).flatMap(({ volumes }) =>
      volumes.flatMap((volume) => /^\.\/[^:]+/.exec(volume) ?? []),
    );
    expect(mounted).toHaveLength(4);
    await Promise.all(mounted.map((path) => access(join(here, path))));
  });

  it("serves a configuration that is valid with the variables it sets", async () => {
    // As compose does with the password that it demands.
    const environment = Object.fromEntries(
      Object.entries(services["dheera-ai"]?.environment ?? {}).map(([name, value]) => [
        name,
        String(value).replaceAll(/\$\{\w+[^}]*\}/g, "a-password"),
      ]),
    );
    expect(services["dheera-ai"]?.volumes).toEqual(["./config:/etc/dheera-ai:ro"]);
    const { config, warnings } = parseConfig(await read("config/config.yaml"), { file: "config.yaml", environment });
    expect(warnings).toEqual([]);
    expect(services["dheera-ai"]?.environment?.["REDIS_URL"]).toMatch(
      /^redis:\/\/:\$\{REDIS_PASSWORD:\?.*\}@redis:6379\/0$/,
    );
    expect(config.router_settings.redis_url).toBe("redis://:a-password@redis:6379/0");
    expect(services["redis"]).toBeDefined();
  });

  it("starts only with passwords that somebody chose, which no argument shows", () => {
    const { redis, grafana } = services;
    const demanded = expect.stringMatching(/^\$\{REDIS_PASSWORD:\?.+\}$/);
    expect(redis?.environment).toEqual({ REDISCLI_AUTH: demanded });
    expect(redis?.command.at(-1)).toMatch(/^printf 'requirepass %s\\n' "\$\$REDISCLI_AUTH" \| exec redis-server - /);
    expect(grafana?.environment["GF_SECURITY_ADMIN_PASSWORD"]).toMatch(/^\$\{GRAFANA_PASSWORD:\?.+\}$/);
  });

  it("is open to this machine alone", () => {
    const published = Object.values(services).flatMap(({ ports }) => ports);
    expect(published).toHaveLength(3);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("gives its Redis a password that the proxy must know", needs("redis-server"), async () => {
    const port = await freePort();
    const script = (services["redis"]?.command.at(-1) ?? "").replaceAll("$$", "$");
    // The shell hands over to redis-server, so that ending it ends both.
    const child = spawn("sh", ["-c", `${script} --port ${port} --bind 127.0.0.1`], {
      env: { PATH: process.env["PATH"] ?? "", REDISCLI_AUTH: "chosen" },
      stdio: "ignore",
      detached: true,
    });
    onTestFinished(() => void process.kill(-(child.pid ?? 0), "SIGKILL"));
    const ask = async (said: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      socket.end(said);
      return text(socket);
    };
    await expect.poll(() => ask("PING\r\n").catch(() => "")).toContain("NOAUTH");
    expect(await ask("AUTH chosen\r\nPING\r\n")).toBe("+OK\r\n+PONG\r\n");
  });

  it("has Prometheus ask where the proxy serves its metrics, and Grafana ask Prometheus", async () => {
    const port = services["dheera-ai"]?.command.at(-1);
    expect(services["dheera-ai"]?.command.slice(-2)).toEqual(["--prometheus_metrics_port", port]);
    expect(await read("prometheus/prometheus.yml")).toContain(`targets: ["dheera-ai:${port}"]`);
    expect(await read("grafana/provisioning/datasources/prometheus.yml")).toContain("http://prometheus:9090");
    expect(services["prometheus"]).toBeDefined();
    expect(services["grafana"]?.volumes.join()).toContain(await dashboardFolder());
  });
});

describe("the compose file with PostgreSQL, over the other", async () => {
  const overlay = parse(await read("compose.postgresql.yaml"));
  const { services: added } = v.parse(
    v.object({ services: v.record(v.string(), v.partial(service, ["image"])) }),
    overlay,
  );

  it("fits the schema of Compose and has no mistake that its linter knows", () => {
    expect(lintCompose(join(here, "compose.postgresql.yaml"))).toEqual([]);
  });

  it("serves a configuration that is valid with the variables of both, beside the other's settings", async () => {
    const variables = { ...services["dheera-ai"]?.environment, ...added["dheera-ai"]?.environment };
    const environment = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replaceAll(/\$\{\w+[^}]*\}/g, "a-password-of-16")]),
    );
    expect(added["dheera-ai"]?.volumes).toEqual(["./config-teams:/etc/dheera-ai-teams:ro", "spend:/var/lib/dheera-ai"]);
    expect(added["dheera-ai"]?.command.slice(0, 2)).toEqual(["--config", "/etc/dheera-ai-teams/config.yaml"]);
    expect(added["dheera-ai"]?.command.slice(2)).toEqual(services["dheera-ai"]?.command.slice(2));
    const options = { file: "config.yaml", environment };
    const { config, warnings } = parseConfig(await read("config-teams/config.yaml"), options);
    expect(warnings).toEqual([]);
    expect(config.general_settings.database_url).toBe("postgresql://dheera:a-password-of-16@postgresql:5432/dheera");
    // Not in the container's memory, and in a folder that belongs to the image's user.
    expect(config.general_settings.spend_journal).toBe("/var/lib/dheera-ai/spend");
    expect(await read("Dockerfile")).toMatch(/--chown=1000:1000 \/journal \/var\/lib\/dheera-ai\n/);
    const { config: other } = parseConfig(await read("config/config.yaml"), options);
    expect({ ...config, general_settings: {} }).toEqual({ ...other, general_settings: {} });
  });

  it("starts only with a password and a salt key that somebody chose, and opens no port", () => {
    const demanded = expect.stringMatching(/\$\{POSTGRESQL_PASSWORD:\?.+\}/);
    expect(added["postgresql"]?.environment).toMatchObject({ POSTGRES_USER: "dheera", POSTGRES_PASSWORD: demanded });
    expect(added["dheera-ai"]?.environment).toEqual({
      DHEERA_AI_DATABASE_URL: demanded,
      DHEERA_AI_SALT_KEY: expect.stringMatching(/^\$\{DHEERA_AI_SALT_KEY:\?.+\}$/),
    });
    expect(Object.values(added).flatMap(({ ports }) => ports)).toEqual([]);
  });
});

describe("the compose file with workers, over the other", async () => {
  const overlay = parse(await read("compose.batches.yaml"));
  const { services: added } = v.parse(
    v.object({ services: v.record(v.string(), v.partial(service, ["image"])) }),
    overlay,
  );

  it("fits the schema of Compose and has no mistake that its linter knows", () => {
    expect(lintCompose(join(here, "compose.batches.yaml"))).toEqual([]);
  });

  it("gives proxy and workers one valid configuration, one folder and one queue", async () => {
    const variables = { ...services["dheera-ai"]?.environment, ...added["dheera-ai"]?.environment };
    const environment = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replaceAll(/\$\{\w+[^}]*\}/g, "a-password")]),
    );
    // A worker reads the same configuration.
    expect(added["worker"]?.environment).toEqual(variables);
    const options = { file: "config.yaml", environment };
    const { config, warnings } = parseConfig(await read("config-batches/config.yaml"), options);
    expect(warnings).toEqual([]);
    expect(config.router_settings.redis_url).toBe("redis://:a-password@queue:6379/0");
    expect(config.batch_settings).toMatchObject({ queue: "redis", run_in_proxy: false });
    for (const name of ["dheera-ai", "worker"]) {
      expect(added[name]?.volumes).toEqual([
        "./config-batches:/etc/dheera-ai-batches:ro",
        "batches:/var/lib/dheera-ai",
      ]);
      expect(config.batch_settings.storage).toBe("/var/lib/dheera-ai/batches");
    }
    const { config: other } = parseConfig(await read("config/config.yaml"), options);
    expect(config.model_list).toEqual(other.model_list);
    expect(config.dheera_ai_settings).toEqual(other.dheera_ai_settings);
  });

  it("keeps the queue on disk and evicts nothing of it, with a password that somebody chose", () => {
    const { queue } = added;
    expect(queue?.environment).toEqual({ REDISCLI_AUTH: expect.stringMatching(/^\$\{QUEUE_PASSWORD:\?.+\}$/) });
    expect(queue?.command.at(-1)).toContain("--appendonly yes");
    expect(queue?.command.at(-1)).toContain("--maxmemory-policy noeviction");
    expect(queue?.volumes).toEqual(["queue:/data"]);
    expect(Object.values(added).flatMap(({ ports }) => ports)).toEqual([]);
  });

  it("has Prometheus ask each worker where it serves its metrics and its probes", async () => {
    const port = added["worker"]?.command.at(-1);
    expect(added["worker"]?.command.slice(-2)).toEqual(["--prometheus_metrics_port", port]);
    const scraped = parse(await read("prometheus/batches.yml"));
    const {
      scrape_configs: [proxies],
    } = parse(await read("prometheus/prometheus.yml"));
    expect(scraped.scrape_configs[0]).toEqual(proxies);
    expect(scraped.scrape_configs[1].dns_sd_configs).toEqual([{ names: ["worker"], type: "A", port: Number(port) }]);
    expect(overlay.services.worker.healthcheck.test.at(-1)).toContain(`http://127.0.0.1:${port}/health/readiness`);
    expect(added["prometheus"]?.command[0]).toBe("--config.file=/etc/prometheus/batches.yml");
  });
});

async function dashboardFolder(): Promise<string> {
  return /path: (\S+)/.exec(await read("grafana/provisioning/dashboards/dheera-ai.yml"))?.[1] ?? "no folder";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function read(path: string): Promise<string> {
  return readFile(join(here, path), "utf8");
}
