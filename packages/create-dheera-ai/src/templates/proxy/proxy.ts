import { randomBytes } from "node:crypto";

import { servedName, starterConfig } from "@dheera-ai/cli/starter-config";

import type { Choices, NewFile } from "../../choices.ts";
import { type Variable, environmentFile } from "../../folder/environment-file.ts";
import { fileOf, json, rangesOf, replaceOnce } from "../manifest.ts";
import { type ModelFacts, factsOfModel } from "../model.ts";
import { ownProjectFiles } from "../own-project.ts";
import { composeFile, dockerFile, dockerIgnore } from "./container.ts";
import { readme } from "./readme.ts";

/** A proxy of one's own: its configuration, its secrets, what starts it and what proves that it ranks. */
export function proxyFiles(choices: Choices): readonly NewFile[] {
  const facts = factsOfModel(choices.model);
  const config = configOf(choices, facts);
  const name = servedName(choices.model);
  const variables = variablesOf(choices, facts, config);
  const source = "packages/create-dheera-ai/src/templates/proxy";
  return [
    { path: "config.yaml", text: config },
    { path: ".env", text: environmentFile(variables, false), isSecret: true },
    { path: ".env.example", text: environmentFile(variables, true) },
    { path: ".gitignore", text: "node_modules/\n.env\n*.db\n*.db-*\n*.log\n" },
    { path: "package.json", text: manifestOf(choices, facts) },
    { path: "ask.js", text: replaceOnce(fileOf(`${source}/ask.js`), '"MODEL"', JSON.stringify(name)) },
    { path: "dheera_ai.js", text: fileOf(`${source}/dheera_ai.js`) },
    { path: "smoke.test.js", text: fileOf(`${source}/smoke.test.js`) },
    { path: "README.md", text: readme(choices, facts, name) },
    ...(choices.parts.includes("docker")
      ? [
          { path: "Dockerfile", text: dockerFile(choices, facts) },
          { path: "compose.yaml", text: composeFile(choices, facts) },
          { path: ".dockerignore", text: dockerIgnore },
        ]
      : []),
    ...ownProjectFiles(choices),
  ];
}

const bm25 = "bm25/default";
const local = "local/";

function configOf({ model, parts }: Choices, { provider, parameters, variables }: ModelFacts): string {
  const beside = { masterKey: true, redis: parts.includes("redis"), teams: parts.includes("teams") };
  if (model === bm25) return starterConfig(beside);
  if (model.startsWith(local)) return starterConfig({ localModel: model.slice(local.length), ...beside });
  const names = variables.map(({ name }) => name).join(" and ");
  const comment = [
    `${provider.label}.${names === "" ? "" : ` Wants ${names} in .env; without it only this model answers with an error.`}`,
  ];
  return starterConfig({ model: { model, parameters, comment }, ...beside });
}

function manifestOf({ name, model }: Choices, { provider }: ModelFacts): string {
  const node = "node --env-file-if-exists=.env";
  const program = `${node} dheera_ai.js`;
  return json({
    name,
    version: "0.0.0",
    private: true,
    type: "module",
    scripts: {
      start: `${program} --config config.yaml`,
      check: `${program} --config config.yaml --validate_config`,
      ask: `${node} ask.js`,
      test: "node --env-file-if-exists=.env --test",
      ...(model.startsWith(local) && { pull: `${program} pull ${model.slice(local.length)}` }),
    },
    dependencies: rangesOf(["@dheera-ai/cli", ...provider.packages]),
    engines: { node: ">=22.19" },
  });
}

function variablesOf({ parts }: Choices, { variables }: ModelFacts, config: string): readonly Variable[] {
  const secret = (name: string, comment: string, value: string): Variable => ({ name, value, comment, isSecret: true });
  const key = `sk-dheera-${randomBytes(32).toString("base64url")}`;
  const hasServerless = config.includes("model: huggingface/BAAI/bge-reranker-base\n");
  const token = {
    name: "HF_TOKEN",
    value: "",
    comment: "For models at Hugging Face, with the permission to make calls to Inference Providers.",
    isWanted: true,
  };
  return [
    secret("DHEERA_AI_MASTER_KEY", "Who has it may do everything: callers send it as a bearer token.", key),
    ...variables,
    ...(hasServerless && variables.every(({ name }) => name !== token.name) ? [token] : []),
    ...(parts.includes("redis")
      ? [{ name: "REDIS_URL", value: "redis://127.0.0.1:6379", comment: "Shares scores and limits between proxies." }]
      : []),
    ...(parts.includes("redis") && parts.includes("docker")
      ? [secret("REDIS_PASSWORD", "Of the Redis in compose.yaml.", randomBytes(24).toString("hex"))]
      : []),
    ...(parts.includes("teams")
      ? [
          { name: "DHEERA_AI_DATABASE_URL", value: "sqlite:teams.db", comment: "Teams, keys and what they spent." },
          secret(
            "DHEERA_AI_SALT_KEY",
            "Encrypts what is secret in the database. Keep a copy: without it that is lost.",
            randomBytes(24).toString("base64url"),
          ),
        ]
      : []),
    ...(parts.includes("teams") && parts.includes("docker")
      ? [secret("POSTGRESQL_PASSWORD", "Of the PostgreSQL in compose.yaml.", randomBytes(24).toString("hex"))]
      : []),
  ];
}
