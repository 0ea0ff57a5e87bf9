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

  it("let the proxy connect only to what is named: names, rerankers outside and in the cluster, Redis", () => {
    const { egress } = v.parse(v.looseObject({ egress: v.array(egressRule) }), find("NetworkPolicy").spec);
    expect(egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[53, 53], [443], [80, 8080], [6379]]);
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
