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

  describe("with batches", () => {
    const bucket = {
      enabled: true,
      s3: { bucket: "rankings", endpointUrl: "http://minio:9000", region: "eu-central-1" },
    };
    const environment = {
      DHEERA_AI_MASTER_KEY: "sk-a",
      HF_TOKEN: "hf_a",
      REDIS_URL: "redis://redis:6379/0",
      DHEERA_AI_S3_ACCESS_KEY_ID: "id",
      DHEERA_AI_S3_SECRET_ACCESS_KEY: "secret",
    };
    const worker = (objects: readonly Manifest[], kind: string): Manifest =>
      findKind(objects, kind, "dheera-ai-worker");

    it.each(["none", "keda", "hpa"])("gives objects that fit their schemas, scaled by %s", async (kind) => {
      const objects = await render({ batches: { ...bucket, worker: { autoscaling: { kind } } } });
      for (const object of objects) await validateAgainstSchema(object);
      expect(await findUnknownKeys(objects)).toBe("");
      const expected = ["Deployment", "NetworkPolicy", "PodDisruptionBudget"];
      if (kind === "keda") expected.push("ScaledObject");
      if (kind === "hpa") expected.splice(1, 0, "HorizontalPodAutoscaler");
      const own = objects.filter(({ metadata }) => metadata.name === "dheera-ai-worker");
      expect(own.map((object) => object.kind).toSorted()).toEqual(expected);
    });

    it("configures proxies and workers validly, with the bucket's keys from the Secret", async () => {
      const objects = await render({ batches: bucket });
      const { config, warnings } = parseConfig(configOf(objects), { file: "config.yaml", environment });
      expect(warnings).toEqual([]);
      expect(config.batch_settings).toMatchObject({
        storage: "s3://rankings/batches",
        s3_endpoint_url: "http://minio:9000",
        s3_region_name: "eu-central-1",
        s3_access_key_id: "id",
        s3_secret_access_key: "secret",
        queue: "redis",
        run_in_proxy: false,
      });
      const keys = [
        {
          name: "DHEERA_AI_S3_ACCESS_KEY_ID",
          valueFrom: { secretKeyRef: { name: "dheera-ai", key: "S3_ACCESS_KEY_ID" } },
        },
        {
          name: "DHEERA_AI_S3_SECRET_ACCESS_KEY",
          valueFrom: { secretKeyRef: { name: "dheera-ai", key: "S3_SECRET_ACCESS_KEY" } },
        },
      ];
      for (const name of ["dheera-ai", "dheera-ai-worker"])
        expect(containerOf(findKind(objects, "Deployment", name))).toMatchObject({ env: keys });
    });

    it("runs workers with no more rights than they need, probes what they serve, and gives them time to give back", async () => {
      const deployment = worker(await render({ batches: bucket }), "Deployment");
      expect(deployment.spec).toMatchObject({
        replicas: 2,
        template: {
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 30,
            securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
          },
        },
      });
      const { args, ports, ...container } = containerOf(deployment);
      expect(args?.slice(0, 3)).toEqual(["worker", "--config", "/etc/dheera-ai/config.yaml"]);
      // The metrics port serves them.
      expect(args?.slice(3)).toEqual(["--prometheus_metrics_port", String(ports?.[0]?.containerPort)]);
      expect(ports).toEqual([{ name: "metrics", containerPort: 9464 }]);
      expect(container).toMatchObject({
        readinessProbe: { httpGet: { path: "/health/readiness", port: "metrics" } },
        livenessProbe: { httpGet: { path: "/health/liveness", port: "metrics" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      });
    });

    it("sends workers no requests, and lets only Prometheus call them", async () => {
      const objects = await render({ batches: bucket });
      const selector = { "app.kubernetes.io/name": "dheera-ai-worker", "app.kubernetes.io/instance": "dheera-ai" };
      expect(worker(objects, "Deployment").spec).toMatchObject({
        selector: { matchLabels: selector },
        template: { metadata: { labels: selector } },
      });
      expect(findKind(objects, "Service").spec).toMatchObject({
        selector: { "app.kubernetes.io/name": "dheera-ai", "app.kubernetes.io/instance": "dheera-ai" },
      });
      expect(worker(objects, "NetworkPolicy").spec).toMatchObject({
        podSelector: { matchLabels: selector },
        ingress: [{ from: [{ namespaceSelector: expect.anything() }], ports: [{ port: "metrics" }] }],
      });
    });

    it("scales workers by the length of the queue, with KEDA down to none", async () => {
      const autoscaling = { kind: "keda", minReplicas: 0, maxReplicas: 100, shardsPerWorker: 7 };
      const objects = await render({ batches: { ...bucket, worker: { autoscaling } } });
      expect(worker(objects, "Deployment").spec).not.toHaveProperty("replicas");
      expect(worker(objects, "ScaledObject").spec).toMatchObject({
        scaleTargetRef: { name: "dheera-ai-worker" },
        minReplicaCount: 0,
        maxReplicaCount: 100,
        fallback: { replicas: 1 },
        triggers: [
          {
            type: "prometheus",
            metadata: {
              serverAddress: "http://prometheus-operated.monitoring:9090",
              query: 'sum(max by (state) (dheera_ai_batch_shards{namespace="default"}))',
              threshold: "7",
            },
          },
        ],
      });
    });

    it("scales workers by an external metric without KEDA, and says that this leaves one", async () => {
      const scaled = (autoscaling: object) => render({ batches: { ...bucket, worker: { autoscaling } } });
      expect(
        worker(await scaled({ kind: "hpa", hpa: { selector: { queue: "batches" } } }), "HorizontalPodAutoscaler").spec,
      ).toMatchObject({
        scaleTargetRef: { kind: "Deployment", name: "dheera-ai-worker" },
        minReplicas: 1,
        metrics: [
          {
            type: "External",
            external: {
              metric: { name: "dheera_ai_batch_shards", selector: { matchLabels: { queue: "batches" } } },
              target: { type: "AverageValue", averageValue: "20" },
            },
          },
        ],
      });
      await expect(scaled({ kind: "hpa", minReplicas: 0 })).rejects.toThrow("only keda scales to none");
    });

    it("keeps files on a volume that proxies and workers share, or in a bucket that a role may use", async () => {
      const shared = await render({ batches: { enabled: true, claim: "batches" }, database: { enabled: true } });
      const { config } = parseConfig(configOf(shared), {
        file: "config.yaml",
        environment: { ...environment, DHEERA_AI_DATABASE_URL: "postgresql://dheera:a@postgresql:5432/dheera" },
      });
      for (const name of ["dheera-ai", "dheera-ai-worker"]) {
        const deployment = findKind(shared, "Deployment", name);
        expect(containerOf(deployment).volumeMounts).toContainEqual({
          name: "batches",
          mountPath: config.batch_settings.storage,
        });
        expect(deployment.spec).toMatchObject({
          template: {
            spec: {
              securityContext: { fsGroup: 1000 },
              volumes: expect.arrayContaining([
                { name: "batches", persistentVolumeClaim: { claimName: "batches" } },
                { name: "spend", emptyDir: { sizeLimit: "512Mi" } },
              ]),
            },
          },
        });
      }
      const role = await render({ batches: { ...bucket, serviceAccountName: "rankings" } });
      expect(configOf(role)).not.toContain("s3_access_key_id");
      for (const name of ["dheera-ai", "dheera-ai-worker"]) {
        expect(containerOf(findKind(role, "Deployment", name)).env).toBeUndefined();
        expect(findKind(role, "Deployment", name).spec).toMatchObject({
          template: { spec: { serviceAccountName: "rankings" } },
        });
      }
    });

    it("lets proxies and workers reach a server of S3 in the cluster, and workers the PostgreSQL of a trial", async () => {
      const storage = [{ podSelector: { matchLabels: { app: "minio" } } }];
      const objects = await render({
        batches: bucket,
        networkPolicy: { storage },
        database: { trial: { enabled: true } },
      });
      for (const name of ["dheera-ai", "dheera-ai-worker"])
        expect(findKind(objects, "NetworkPolicy", name).spec).toMatchObject({
          egress: expect.arrayContaining([{ to: storage, ports: [{ port: 9000 }] }]),
        });
      expect(JSON.stringify(findKind(objects, "NetworkPolicy", "dheera-ai-trial-postgresql").spec)).toContain(
        '"app.kubernetes.io/name":"dheera-ai-worker"',
      );
    });

    it("lets proxies run batches where there are no workers, and keeps settings of one's own", async () => {
      const objects = await render({
        batches: { ...bucket, worker: { enabled: false } },
        config: {
          model_list: [{ model_name: "bm25", dheera_ai_params: { model: "bm25/default" } }],
          batch_settings: { concurrency: 64, storage: "s3://elsewhere" },
        },
      });
      expect(objects.map(({ metadata }) => metadata.name)).not.toContain("dheera-ai-worker");
      expect(parse(configOf(objects))).toMatchObject({
        batch_settings: { concurrency: 64, storage: "s3://elsewhere" },
      });
      expect(configOf(objects)).not.toContain("run_in_proxy");
    });

    it("wants one place for files", async () => {
      await expect(render({ batches: { enabled: true } })).rejects.toThrow("batches need a place for files");
      await expect(render({ batches: { ...bucket, claim: "batches" } })).rejects.toThrow("are two places for files");
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
    {
      wrong: "a bucket with its protocol",
      values: { batches: { s3: { bucket: "s3://a" } } },
      named: "/batches/s3/bucket",
    },
    {
      wrong: "an autoscaler that is not known",
      values: { batches: { worker: { autoscaling: { kind: "vpa" } } } },
      named: "/batches/worker/autoscaling/kind",
    },
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

const container = v.looseObject({
  args: v.optional(v.array(v.string())),
  env: v.optional(v.array(v.unknown())),
  ports: v.optional(v.array(v.object({ name: v.string(), containerPort: v.number() }))),
  volumeMounts: v.optional(v.array(v.unknown())),
});

function containerOf({ spec }: Manifest): v.InferOutput<typeof container> {
  const pod = v.looseObject({ containers: v.tuple([container]) });
  return v.parse(v.looseObject({ template: v.looseObject({ spec: pod }) }), spec).template.spec.containers[0];
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
