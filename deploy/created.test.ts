import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { parseConfig } from "@dheera-ai/proxy";
import { DockerfileParser, Keyword } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { create } from "../packages/create-dheera-ai/src/create.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import { stagesOf, wordsOf } from "./testing/build-stage.ts";
import { lintCompose } from "./testing/lint-compose.ts";

const local = "local/cross-encoder/ms-marco-MiniLM-L6-v2";
const kinds = [
  ["npm", "npm/11.6.0", "docker", "bm25/default"],
  ["pnpm", "pnpm/10.34.9", "docker,redis", "cohere/rerank-v5.0-pro"],
  ["Yarn", "yarn/4.18.1", "docker,teams", "bm25/default"],
  ["Yarn 1", "yarn/1.22.22", "docker", "huggingface/BAAI/bge-reranker-base"],
  ["Bun", "bun/1.4.5", "docker,redis,teams", local],
] as const;

const serviceSchema = v.object({
  environment: v.optional(v.record(v.string(), v.string()), {}),
  healthcheck: v.optional(v.object({ test: v.array(v.string()) })),
  ports: v.optional(v.array(v.string()), []),
  volumes: v.optional(v.array(v.string()), []),
});

/** A proxy as `npm create dheera-ai` writes it. */
async function created(version: string, beside: string, model: string): Promise<AsyncDisposable & { path: string }> {
  const folder = await createFolder();
  let said = "";
  const code = await create([".", "--no-install", "--no-git", "--with", beside, "--model", model], {
    cwd: folder.path,
    environment: { npm_config_user_agent: `${version} node/v26.10.0 linux x64` },
    isInteractive: false,
    print: () => {},
    printError: (text) => void (said += text),
    stop: new AbortController().signal,
  });
  expect({ code, said }).toEqual({ code: 0, said: "" });
  return folder;
}

/** As Compose reads them, without what stands in comments. */
function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

describe.each(kinds)("the container of a proxy that was created by %s", (_, version, beside, model) => {
  it("has a Dockerfile that passes a linter, runs as nobody special and ships no build tools", async () => {
    await using folder = await created(version, beside, model);
    const text = await readFile(join(folder.path, "Dockerfile"), "utf8");
    expect(validate(text)).toEqual([]);
    const [build = [], image = [], ...others] = stagesOf(DockerfileParser.parse(text));
    expect(others).toEqual([]);
    const all = (keyword: Keyword): readonly (string | null)[] =>
      image.filter((found) => found.getKeyword() === keyword).map((found) => found.getArgumentsContent());
    expect(all(Keyword.USER)).toEqual(["1000:1000"]);
    expect(all(Keyword.RUN)).toEqual([]);
    expect(all(Keyword.HEALTHCHECK)).toHaveLength(1);
    const entry = image.find((found) => found.getKeyword() === Keyword.ENTRYPOINT);
    expect(wordsOf(entry)).toEqual(["node", "node_modules/@dheera-ai/cli/bin/dheera_ai.js"]);
    const skips = build.some((found) => found.getTextContent() === "ENV ONNXRUNTIME_NODE_INSTALL=skip");
    expect(skips).toBe(model.startsWith("local/"));
    // What is copied is written here, or by the installation, and is not left out of what is sent to the builder.
    const files = await readdir(folder.path);
    const ignore = (await readFile(join(folder.path, ".dockerignore"), "utf8")).split("\n");
    for (const stage of [build, image])
      for (const copied of stage.filter((found) => found.getKeyword() === Keyword.COPY)) {
        const words = (copied.getArgumentsContent() ?? "").split(" ");
        if (copied.getTextContent().includes(" --from=")) continue;
        for (const file of words.slice(0, -1)) {
          if (!/lock/.test(file)) expect(files).toContain(file);
          expect(ignore).toContain(`!${file}`);
        }
      }
    expect(ignore).toContain("**");
    expect(ignore).not.toContain("!.env");
  });

  it("has a compose file that its linter takes, open to this machine alone, with a configuration that is valid in it", async () => {
    await using folder = await created(version, beside, model);
    expect(lintCompose(join(folder.path, "compose.yaml"))).toEqual([]);
    const { services, volumes = {} } = v.parse(
      v.object({ services: v.record(v.string(), serviceSchema), volumes: v.optional(v.record(v.string(), v.null())) }),
      parse(await readFile(join(folder.path, "compose.yaml"), "utf8")),
    );
    const expected = { docker: "proxy", redis: "redis", teams: "postgresql" };
    expect(Object.keys(services)).toEqual(
      Object.entries(expected).flatMap(([part, service]) => (beside.includes(part) ? [service] : [])),
    );
    expect(Object.values(services).flatMap(({ ports }) => ports)).toEqual(["127.0.0.1:4000:4000"]);
    // The temporary server of a first start listens on no address.
    if (beside.includes("teams")) expect(services["postgresql"]?.healthcheck?.test).toContain("127.0.0.1");
    const mounted = Object.values(services).flatMap((found) => found.volumes.map((volume) => volume.split(":")[0]));
    expect(Object.keys(volumes).toSorted()).toEqual(mounted.toSorted());

    const own = variablesIn(await readFile(join(folder.path, ".env"), "utf8"));
    const filled = (value: string): string =>
      value.replaceAll(/\$\{(\w+):\?[^}]+\}/g, (_text, name: string) => {
        expect(own[name]).toMatch(/^[0-9a-f]{48}$/);
        return own[name] ?? "";
      });
    const overrides = Object.entries(services["proxy"]?.environment ?? {}).map(([name, value]) => [
      name,
      filled(value),
    ]);
    const environment = { ...own, COHERE_API_KEY: "key", HF_TOKEN: "hf_key", ...Object.fromEntries(overrides) };
    const text = await readFile(join(folder.path, "config.yaml"), "utf8");
    const { config, warnings } = parseConfig(text, { file: "config.yaml", environment });
    expect(warnings).toEqual([]);
    expect(config.general_settings.master_key).toBe(own["DHEERA_AI_MASTER_KEY"]);
    const { REDIS_PASSWORD, POSTGRESQL_PASSWORD } = own;
    const redis = beside.includes("redis") ? `redis://:${REDIS_PASSWORD}@redis:6379/0` : undefined;
    expect(config.router_settings.redis_url).toBe(redis);
    const database = `postgresql://dheera:${POSTGRESQL_PASSWORD}@postgresql:5432/dheera`;
    expect(config.general_settings.database_url).toBe(beside.includes("teams") ? database : undefined);
  });
});
