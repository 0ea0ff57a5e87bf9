import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { parseConfig } from "@dheera-ai/proxy";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

import { needs } from "../test/support/programs.ts";
import { createFolder } from "../test/support/temporary-folder.ts";

const run = promisify(execFile);
const here = import.meta.dirname;
const manifest = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({ name: v.string() }),
  spec: v.optional(v.unknown()),
});
type Manifest = v.InferOutput<typeof manifest>;

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
  const find = (kind: string): Manifest => {
    const found = manifests.find((candidate) => candidate.kind === kind);
    if (!found) throw new Error(`there is no ${kind}`);
    return found;
  };

  beforeAll(async () => {
    const { stdout } = await run("kubectl", ["kustomize", join(here, "kubernetes")]);
    const rendered = parseAllDocuments(stdout).map((document) => document.toJS());
    manifests = v.parse(v.array(manifest), [...rendered, parse(await read("secret.example.yaml"))]);
  });

  it("are one of each kind, all under one name", () => {
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(kinds);
    expect(new Set(manifests.map(({ metadata }) => metadata.name))).toEqual(new Set(["dheera-ai"]));
  });

  it.each(kinds)("%s fits its schema", async (kind) => {
    const object = find(kind);
    const module: unknown = await import(/* @vite-ignore */ `kubernetes-models/${object.apiVersion}/${kind}`);
    const { [kind]: Model } = v.parse(v.record(v.string(), modelClass), module);
    expect(Model).toBeDefined();
    if (Model) expect(() => new Model(object).validate()).not.toThrow();
  });

  it("have no key that Kubernetes does not know", async () => {
    await using folder = await createFolder({
      "manifests.ts": manifests.map(literalOf).join("\n"),
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          noEmit: true,
          strict: true,
          skipLibCheck: true,
          target: "es2023",
          module: "nodenext",
          types: [],
          paths: { "kubernetes-models/*": [join(here, "node_modules/kubernetes-models/*.d.ts")] },
        },
        files: ["manifests.ts"],
      }),
    });
    const { stdout } = await run(join(here, "../node_modules/.bin/tsc"), ["--project", folder.path]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
  }, 60_000);

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

interface Model {
  validate(): void;
}
const modelClass = v.custom<new (data: Manifest) => Model>((value) => typeof value === "function");

/** TypeScript refuses keys of a literal that its type does not have. */
function literalOf(object: Manifest): string {
  const { apiVersion, kind } = object;
  return [
    `import type { I${kind} } from "kubernetes-models/${apiVersion}/${kind}";`,
    `export const the${kind}: I${kind} = ${JSON.stringify(object, null, 2)};`,
  ].join("\n");
}

function read(name: string): Promise<string> {
  return readFile(join(here, "kubernetes", name), "utf8");
}
