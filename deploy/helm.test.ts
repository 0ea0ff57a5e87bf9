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
      egress: [{}, { to: [{ namespaceSelector: expect.anything() }], ports: [{ port: 8443 }] }],
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
    { wrong: "a tag for a digest", values: { image: { digest: "latest" } }, named: "/image/digest" },
  ])("refuses $wrong", async ({ values, named }) => {
    await expect(render(values)).rejects.toThrow(named);
  });
});

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
