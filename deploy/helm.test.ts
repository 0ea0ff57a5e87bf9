import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { parseConfig } from "@dheera-ai/proxy";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";

import { needs } from "../test/support/programs.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import {
  type Manifest,
  findKind,
  findUnknownKeys,
  parseManifests,
  renderKustomization,
  validateAgainstSchema,
} from "./testing/manifests.ts";

const chart = join(import.meta.dirname, "helm/dheera-ai");
const kinds = ["ConfigMap", "Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget", "Service"];

// The chart as `helm` renders it, without a cluster.
describe("the Helm chart", needs("helm"), () => {
  let manifests: readonly Manifest[];

  beforeAll(async () => {
    manifests = await render({});
  });

  it("has nothing that helm's linter minds", async () => {
    const { stdout } = await run("helm", ["lint", "--strict", chart]);
    expect(stdout).toContain("1 chart(s) linted, 0 chart(s) failed");
  });

  it("is one object of each kind", () => {
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(kinds);
  });

  it.each(kinds)("gives a %s that fits its schema", async (kind) => {
    await expect(validateAgainstSchema(findKind(manifests, kind))).resolves.toBeUndefined();
  });

  it("has no key that Kubernetes does not know", async () => {
    expect(await findUnknownKeys([...manifests])).toBe("");
  });

  it("configures the proxy validly", () => {
    const environment = { DHEERA_AI_MASTER_KEY: "sk-a", HF_TOKEN: "hf_a", REDIS_URL: "redis://redis:6379/0" };
    expect(parseConfig(configOf(manifests), { file: "config.yaml", environment }).warnings).toEqual([]);
  });

  describe("with the default values", needs("kubectl"), () => {
    let plain: readonly Manifest[];

    beforeAll(async () => {
      plain = await renderKustomization();
    });

    it.each(kinds.filter((kind) => kind !== "ConfigMap"))("gives the %s of the plain manifests", (kind) => {
      expect(withoutMarks(findKind(manifests, kind))).toEqual(withoutMarks(findKind(plain, kind)));
    });

    it("gives the configuration of the plain manifests", () => {
      expect(parse(configOf(manifests))).toEqual(parse(configOf(plain)));
    });
  });

  it("lets every value be set, and the result still fits", async () => {
    const objects = await render({
      image: { digest: `sha256:${"a".repeat(64)}`, pullPolicy: "Always" },
      imagePullSecrets: [{ name: "pull" }],
      fullnameOverride: "rerank",
      existingSecret: "keys",
      extraArgs: ["--num_workers", "2"],
      service: { type: "LoadBalancer", port: 80 },
      autoscaling: { enabled: false },
      replicas: 3,
      podDisruptionBudget: { maxUnavailable: "50%" },
      podLabels: { team: "search" },
      nodeSelector: { "kubernetes.io/arch": "amd64" },
      tolerations: [{ key: "dedicated", operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      networkPolicy: {
        callers: [{ podSelector: { matchLabels: { app: "search" } } }],
        upstreamPorts: [8443],
        outside: [],
        redis: [],
        postgresql: [{ ipBlock: { cidr: "10.20.0.5/32" } }],
        postgresqlPort: 6432,
      },
    });
    expect(new Set(objects.map(({ metadata }) => metadata.name))).toEqual(new Set(["rerank"]));
    expect(objects.map(({ kind }) => kind)).not.toContain("HorizontalPodAutoscaler");
    for (const object of objects) await validateAgainstSchema(object);
    expect(await findUnknownKeys(objects)).toBe("");
    expect(findKind(objects, "Deployment").spec).toMatchObject({
      replicas: 3,
      template: {
        metadata: { labels: { team: "search" } },
        spec: {
          imagePullSecrets: [{ name: "pull" }],
          nodeSelector: { "kubernetes.io/arch": "amd64" },
          containers: [
            {
              image: expect.stringMatching(/:\d+\.\d+\.\d+@sha256:a{64}$/),
              args: expect.arrayContaining(["--num_workers", "2"]),
              envFrom: [{ secretRef: { name: "keys" } }],
            },
          ],
          volumes: expect.arrayContaining([{ name: "config", configMap: { name: "rerank" } }]),
        },
      },
    });
    expect(findKind(objects, "NetworkPolicy").spec).toMatchObject({
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "search" } } }], ports: [{ port: "http" }] }, {}],
      egress: [{}, { to: [{ namespaceSelector: expect.anything() }], ports: [{ port: 8443 }] }, databaseOutside],
    });
  });

  describe.each([
    { name: "a database of one's own", values: { database: { enabled: true } }, folder: "kubernetes-teams" },
    {
      name: "a PostgreSQL for a trial",
      values: { database: { trial: { enabled: true } } },
      folder: "kubernetes-trial",
    },
  ])("with $name", needs("kubectl"), ({ values, folder }) => {
    it("gives the plain manifests of the same, each of which fits its schema", async () => {
      const [objects, plain] = [await render(values), await renderKustomization(folder)];
      const namesOf = (list: readonly Manifest[]): readonly string[] =>
        list.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
      expect(namesOf(objects)).toEqual(namesOf(plain));
      for (const object of objects) {
        await validateAgainstSchema(object);
        if (object.kind === "ConfigMap") continue;
        const same = findKind(plain, object.kind, object.metadata.name);
        expect(withoutMarks(object)).toEqual(withoutMarks(same));
      }
      expect(parse(configOf(objects))).toEqual(parse(configOf(plain)));
      expect(await findUnknownKeys([...objects])).toBe("");
    });
  });

  it("takes address and salt key of the database from Secrets of other names, and keeps settings of one's own", async () => {
    const objects = await render({
      config: {
        model_list: [{ model_name: "bm25", dheera_ai_params: { model: "bm25/default" } }],
        general_settings: { spend_journal: "/elsewhere", db_unavailable_grace: 60 },
      },
      database: { enabled: true, secret: "pg", secretKey: "uri", saltKeySecret: "salt", journalSize: "1Gi" },
    });
    expect(parse(configOf(objects))).toMatchObject({
      general_settings: {
        database_url: "os.environ/DHEERA_AI_DATABASE_URL",
        spend_journal: "/elsewhere",
        db_unavailable_grace: 60,
      },
    });
    expect(findKind(objects, "Deployment").spec).toMatchObject({
      template: {
        spec: {
          containers: [
            {
              env: [
                { name: "DHEERA_AI_DATABASE_URL", valueFrom: { secretKeyRef: { name: "pg", key: "uri" } } },
                { valueFrom: { secretKeyRef: { name: "salt", key: "DHEERA_AI_SALT_KEY" } } },
              ],
            },
          ],
          volumes: expect.arrayContaining([{ name: "spend", emptyDir: { sizeLimit: "1Gi" } }]),
        },
      },
    });
  });

  it("leaves out what is switched off", async () => {
    const objects = await render({ networkPolicy: { enabled: false }, podDisruptionBudget: { enabled: false } });
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      "ConfigMap",
      "Deployment",
      "HorizontalPodAutoscaler",
      "Service",
    ]);
  });

  it.each([
    { wrong: "a name that is misspelled", values: { autoscalling: {} }, named: "autoscalling" },
    { wrong: "a port that is a text", values: { service: { port: "http" } }, named: "/service/port" },
    { wrong: "a configuration without models", values: { config: { model_list: [] } }, named: "/config/model_list" },
    { wrong: "a size without a unit", values: { database: { journalSize: "512" } }, named: "/database/journalSize" },
    { wrong: "a tag for a digest", values: { image: { digest: "latest" } }, named: "/image/digest" },
  ])("refuses $wrong", async ({ values, named }) => {
    await expect(render(values)).rejects.toThrow(named);
  });
});

const databaseOutside = { to: [{ ipBlock: { cidr: "10.20.0.5/32" } }], ports: [{ port: 6432 }] };
const run = promisify(execFile);

async function render(values: object): Promise<readonly Manifest[]> {
  await using folder = await createFolder({ "values.yaml": stringify(values) });
  // A helm that was built from source takes its cluster for an old one.
  const options = ["--kube-version", "1.31.0", "--values", join(folder.path, "values.yaml")];
  return parseManifests((await run("helm", ["template", "dheera-ai", chart, ...options])).stdout);
}

function configOf(manifests: readonly Manifest[]): string {
  const { data } = v.parse(
    v.looseObject({ data: v.object({ "config.yaml": v.string() }) }),
    findKind(manifests, "ConfigMap"),
  );
  return data["config.yaml"];
}

/**
 * An object without what a chart adds to every one: labels that name the release, and defaults of Kubernetes that are
 * said aloud.
 */
function withoutMarks(object: Manifest): unknown {
  const marks = /^(app\.kubernetes\.io\/(instance|version|managed-by)|helm\.sh\/chart|imagePullPolicy)$/;
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) =>
      marks.test(key) || (key === "type" && value === "ClusterIP") ? undefined : value,
    ),
  );
}
