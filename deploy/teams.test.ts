import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { type PostgresqlServer, startPostgresqlServer } from "../test/support/postgresql-server.ts";
import { needs } from "../test/support/programs.ts";
import { startProxy } from "../test/support/proxy-process.ts";
import { type RedisServer, startRedisServer } from "../test/support/redis-server.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import { findKind, parseManifests, renderKustomization } from "./testing/manifests.ts";

// There is no Docker and no cluster here: the proxy starts with the arguments, the variables and the configuration that they would
// give it, beside a real PostgreSQL and a real Redis. Only where these are, and where files are, differs.

/** What a container of the proxy gets. */
interface Container {
  readonly config: string;
  readonly variables: Readonly<Record<string, string>>;
}

const here = import.meta.dirname;
const chosen = {
  POSTGRESQL_PASSWORD: "secret",
  DHEERA_AI_MASTER_KEY: "sk-chosen",
  DHEERA_AI_SALT_KEY: "a-salt-key-of-this-test",
};

describe("a team's first request", needs("postgresql", "redis-server", "kubectl"), () => {
  let postgresql: PostgresqlServer;
  let redis: RedisServer;

  beforeAll(async () => {
    [postgresql, redis] = await Promise.all([startPostgresqlServer(), startRedisServer()]);
  });

  afterAll(() => Promise.all([postgresql?.stop(), redis?.stop()]));

  it.each([
    { name: "the Compose files with PostgreSQL", read: composeContainer },
    { name: "the Kubernetes manifests for teams", read: () => podContainer("kubernetes-teams") },
    { name: "the Kubernetes manifests for a trial", read: () => podContainer("kubernetes-trial") },
  ])("is answered and booked with $name", async ({ read }) => {
    const { config, variables } = await read();
    const address = variables["DHEERA_AI_DATABASE_URL"] ?? "";
    expect(address).toMatch(/^postgresql:\/\/dheera:[^@$]+@[\w-]+:5432\/dheera$/);
    const database = new URL(await postgresql.createDatabase());
    await using volume = await createFolder();
    await using folder = await createFolder({ "config.yaml": config.replaceAll("/var/lib/dheera-ai", volume.path) });
    const proxy = await startProxy(join(folder.path, "config.yaml"), {
      ...variables,
      HOME: volume.path,
      DHEERA_AI_DATABASE_URL: database.href,
      REDIS_URL: redis.url,
    });
    try {
      const post = async (path: string, key: string, body: object): Promise<Record<string, unknown>> => {
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
        const response = await fetch(proxy.url + path, { method: "POST", headers, body: JSON.stringify(body) });
        const text = await response.text();
        expect(response.status, text).toBe(200);
        return JSON.parse(text);
      };
      const masterKey = variables["DHEERA_AI_MASTER_KEY"] ?? "";
      await post("/team/new", masterKey, { team_id: "research", models: ["bm25"], max_budget: 100 });
      const { key } = await post("/key/generate", masterKey, { team_id: "research" });
      const request = { model: "bm25", query: "capital", documents: ["Bread", "The capital"] };
      expect(await post("/v1/rerank", String(key), request)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
      const authorization = `Bearer ${masterKey}`;
      await expect
        .poll(async () => (await fetch(`${proxy.url}/spend/logs`, { headers: { authorization } })).json())
        .toMatchObject([{ team_id: "research" }]);
    } finally {
      await proxy.stop();
    }
  });
});

/** As `docker compose` merges both files, and takes the variables of the shell that it runs in. */
async function composeContainer(): Promise<Container> {
  const environments = await Promise.all(
    ["compose.yaml", "compose.postgresql.yaml"].map(async (file) => {
      const { services } = v.parse(composeFile, parse(await readFile(join(here, file), "utf8")));
      return Object.entries(services["dheera-ai"]?.environment ?? {});
    }),
  );
  const given: ReadonlyMap<string, string> = new Map(Object.entries({ ...chosen, REDIS_PASSWORD: "unused" }));
  const variables = environments
    .flat()
    .map(([name, value]) => [
      name,
      value.replaceAll(/\$\{(\w+)[^}]*\}/g, (_, variable: string) => given.get(variable) ?? ""),
    ]);
  return {
    config: await readFile(join(here, "config-teams/config.yaml"), "utf8"),
    variables: Object.fromEntries(variables),
  };
}

const composeFile = v.object({
  services: v.record(v.string(), v.object({ environment: v.optional(v.record(v.string(), v.string())) })),
});

/** As Kubernetes makes a container's variables: those of the Secret, then others, which may name those before them. */
async function podContainer(folder: string): Promise<Container> {
  const manifests = await renderKustomization(folder);
  const [example] = parseManifests(await readFile(join(here, "kubernetes/secret.example.yaml"), "utf8"));
  const secret: Record<string, string> = { ...v.parse(secretOf, example).stringData, ...chosen };
  const variables = { ...secret };
  const { env } = v.parse(deployment, findKind(manifests, "Deployment")).spec.template.spec.containers[0];
  for (const { name, value, valueFrom } of env)
    variables[name] =
      value === undefined
        ? (secret[valueFrom?.secretKeyRef.key ?? ""] ?? "")
        : value.replaceAll(/\$\((\w+)\)/g, (_, variable: string) => variables[variable] ?? "");
  return { config: v.parse(configMap, findKind(manifests, "ConfigMap")).data["config.yaml"], variables };
}

const secretOf = v.looseObject({ stringData: v.record(v.string(), v.string()) });
const configMap = v.looseObject({ data: v.object({ "config.yaml": v.string() }) });
const variable = v.looseObject({
  name: v.string(),
  value: v.optional(v.string()),
  valueFrom: v.optional(v.object({ secretKeyRef: v.looseObject({ key: v.string() }) })),
});
const container = v.looseObject({ env: v.array(variable) });
const deployment = v.looseObject({
  spec: v.looseObject({ template: v.looseObject({ spec: v.looseObject({ containers: v.tuple([container]) }) }) }),
});
