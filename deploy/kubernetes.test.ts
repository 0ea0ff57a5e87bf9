import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseConfig } from "@dheera-ai/proxy";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";

import { needs } from "../test/support/programs.ts";
import {
  type Manifest,
  findKind,
  findUnknownKeys,
  parseManifests,
  renderKustomization,
  validateAgainstSchema,
} from "./testing/manifests.ts";

const here = import.meta.dirname;
const kinds = [
  "ConfigMap",
  "Deployment",
  "HorizontalPodAutoscaler",
  "NetworkPolicy",
  "PodDisruptionBudget",
  "Secret",
  "Service",
];
const pods = { "app.kubernetes.io/name": "dheera-ai" };

// Kubernetes as `kubectl` renders it, without a cluster.
describe("the Kubernetes manifests", needs("kubectl"), () => {
  let manifests: readonly Manifest[];
  const find = (kind: string): Manifest => findKind(manifests, kind);

  beforeAll(async () => {
    manifests = [...(await renderKustomization()), ...parseManifests(await read("secret.example.yaml"))];
  });

  it("are one of each kind, all under one name", () => {
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(kinds);
    expect(new Set(manifests.map(({ metadata }) => metadata.name))).toEqual(new Set(["dheera-ai"]));
  });

  it.each(kinds)("%s fits its schema", async (kind) => {
    await expect(validateAgainstSchema(find(kind))).resolves.toBeUndefined();
  });

  it("have no key that Kubernetes does not know", async () => {
    expect(await findUnknownKeys(manifests)).toBe("");
  });

  it("select the proxy's pods, and only those", () => {
    expect(find("Deployment").spec).toMatchObject({
      selector: { matchLabels: pods },
      template: { metadata: { labels: pods } },
    });
    expect(find("PodDisruptionBudget").spec).toMatchObject({ selector: { matchLabels: pods } });
    expect(find("NetworkPolicy").spec).toMatchObject({ podSelector: { matchLabels: pods } });
    expect(find("Service").spec).toMatchObject({ selector: pods });
  });

  it("run the proxy with no more rights than it needs", () => {
    expect(podOf(find("Deployment"))).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    });
  });

  it("let the proxy connect only to what is named: names, rerankers outside and in the cluster, Redis, PostgreSQL", () => {
    const { egress } = v.parse(v.looseObject({ egress: v.array(egressRule) }), find("NetworkPolicy").spec);
    expect(egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([
      [53, 53],
      [443],
      [80, 8080],
      [6379],
      [5432],
    ]);
    for (const { to } of egress) expect(to.length).toBeGreaterThan(0);
    // The addresses of clouds' metadata services, where keys are, and of neighbours are not outside.
    expect(JSON.stringify(egress[1]?.to)).toContain("169.254.0.0/16");
  });

  it("demand a password of Redis", async () => {
    expect(await read("secret.example.yaml")).toMatch(/REDIS_URL: redis:\/\/:[^@]+@/);
  });

  it("give the proxy time to stop", () => {
    const { terminationGracePeriodSeconds, containers } = podOf(find("Deployment"));
    const [, seconds] = containers[0].lifecycle.preStop.exec.command;
    const shutdownTimeout = 30;
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + shutdownTimeout);
  });

  it("configure the proxy validly with the variables of the Secret", async () => {
    const { stringData } = v.parse(v.looseObject({ stringData: v.record(v.string(), v.string()) }), find("Secret"));
    const { data } = v.parse(v.looseObject({ data: v.object({ "config.yaml": v.string() }) }), find("ConfigMap"));
    const { warnings } = parseConfig(data["config.yaml"], { file: "config.yaml", environment: stringData });
    expect(warnings).toEqual([]);
    expect(podOf(find("Deployment")).containers[0].args).toContain("/etc/dheera-ai/config.yaml");
  });
});

describe("the Kubernetes manifests with teams", needs("kubectl"), () => {
  const folders = ["kubernetes-teams", "kubernetes-trial"];

  it.each(folders)(
    "of %s configure the proxy as the others do, with a database and a journal that outlives the container",
    async (folder) => {
      const manifests = await renderKustomization(folder);
      const configuration = (list: readonly Manifest[]): string =>
        v.parse(v.looseObject({ data: v.object({ "config.yaml": v.string() }) }), findKind(list, "ConfigMap")).data[
          "config.yaml"
        ];
      const [secret] = parseManifests(await read("secret.example.yaml"));
      const { stringData: environment } = v.parse(
        v.looseObject({ stringData: v.record(v.string(), v.string()) }),
        secret,
      );
      const { config, warnings } = parseConfig(configuration(manifests), { file: "config.yaml", environment });
      expect(warnings).toEqual([]);
      const { database_url: address, spend_journal: journal, ...others } = config.general_settings;
      expect(address).toBe(environment["DHEERA_AI_DATABASE_URL"]);
      const plain = parseConfig(configuration(await renderKustomization()), {
        file: "config.yaml",
        environment,
      }).config;
      expect({ ...config, general_settings: others }).toEqual(plain);
      const pod = v.parse(volumes, podOf(findKind(manifests, "Deployment")));
      const mount = pod.containers[0].volumeMounts.find(({ mountPath }) => journal?.startsWith(`${mountPath}/`));
      expect(pod.volumes).toContainEqual({ name: mount?.name, emptyDir: { sizeLimit: "512Mi" } });
      // A file system's own group, so that the proxy's user may write there.
      expect(pod.securityContext).toMatchObject({ runAsUser: 1000, fsGroup: 1000 });
    },
  );

  it("let only the proxy reach the PostgreSQL of a trial, by the address that the proxy has", async () => {
    const manifests = await renderKustomization("kubernetes-trial");
    const server = findKind(manifests, "StatefulSet");
    const labels = { "app.kubernetes.io/name": "postgresql" };
    expect(server.spec).toMatchObject({ selector: { matchLabels: labels }, template: { metadata: { labels } } });
    expect(findKind(manifests, "Service", server.metadata.name).spec).toMatchObject({ selector: labels });
    expect(findKind(manifests, "NetworkPolicy", server.metadata.name).spec).toEqual({
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: { matchLabels: pods } }], ports: [{ port: "postgresql" }] }],
    });
    expect(JSON.stringify(findKind(manifests, "NetworkPolicy", "dheera-ai").spec)).toContain(
      JSON.stringify({ ports: [{ port: 5432 }], to: [{ podSelector: { matchLabels: labels } }] }),
    );
    const [password, address] = v.parse(environmentOf, podOf(findKind(manifests, "Deployment"))).containers[0].env;
    // Kubernetes puts what stands before into what follows.
    expect(password?.name).toBe("POSTGRESQL_PASSWORD");
    expect(address).toEqual({
      name: "DHEERA_AI_DATABASE_URL",
      value: `postgresql://dheera:$(POSTGRESQL_PASSWORD)@${server.metadata.name}:5432/dheera`,
    });
  });
});

const volumes = v.looseObject({
  securityContext: v.unknown(),
  containers: v.tuple([
    v.looseObject({ volumeMounts: v.array(v.looseObject({ name: v.string(), mountPath: v.string() })) }),
  ]),
  volumes: v.array(v.unknown()),
});

const environmentOf = v.looseObject({
  containers: v.tuple([v.looseObject({ env: v.array(v.looseObject({ name: v.string() })) })]),
});

const egressRule = v.looseObject({
  to: v.array(v.unknown()),
  ports: v.array(v.looseObject({ port: v.number() })),
});

const podSpec = v.looseObject({
  terminationGracePeriodSeconds: v.number(),
  containers: v.tuple([
    v.looseObject({
      args: v.array(v.string()),
      lifecycle: v.object({
        preStop: v.object({ exec: v.object({ command: v.tuple([v.literal("sleep"), v.string()]) }) }),
      }),
    }),
  ]),
});

function podOf({ spec }: Manifest): v.InferOutput<typeof podSpec> {
  return v.parse(v.looseObject({ template: v.looseObject({ spec: podSpec }) }), spec).template.spec;
}

function read(name: string): Promise<string> {
  return readFile(join(here, "kubernetes", name), "utf8");
}
