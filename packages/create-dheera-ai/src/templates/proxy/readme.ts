import type { Choices } from "../../choices.ts";
import { runScript } from "../../command-line/package-manager.ts";
import { onnxRuntimeNote, pageUrl } from "../manifest.ts";
import type { ModelFacts } from "../model.ts";

export function readme(choices: Choices, { variables }: ModelFacts, servedName: string): string {
  const { name, model, parts, packageManager } = choices;
  const run = (script: string): string => runScript(packageManager, script);
  const fillIn = variables.map((variable) => `\`${variable.name}\``).join(" and ");
  return `# ${name}

A [Dheera AI](${pageUrl("configuration.md").replace("/blob/main/docs/configuration.md", "")}) proxy: one rerank API over every reranker. \`config.yaml\` says which models there are; changes are taken up while it runs.

\`\`\`sh
${packageManager} install
${model.startsWith("local/") ? `${run("pull")}    # downloads the model, once\n` : ""}${run("start")}    # RUNNING on http://0.0.0.0:4000
\`\`\`
${model.startsWith("local/") ? `\n${onnxRuntimeNote}\n` : ""}${fillIn === "" ? "" : `\n\`${model}\` wants ${fillIn} in \`.env\`: fill it in before.\n`}
With the proxy running, in another terminal:

\`\`\`sh
${run("ask")}    # a first ranking, by the model ${servedName}
\`\`\`

The same from any program, with the master key of \`.env\`:

\`\`\`sh
. ./.env
curl http://localhost:4000/rerank -H "Authorization: Bearer $DHEERA_AI_MASTER_KEY" -H "content-type: application/json" -d '{
  "model": ${JSON.stringify(servedName)},
  "query": "What is the capital of the United States?",
  "documents": ["Carson City is the capital of Nevada.", "Washington, D.C. is the capital of the United States."]
}'
\`\`\`

| command | what it does |
|---|---|
| \`${run("start")}\` | serves http://localhost:4000, with the playground at \`/\` and the API at \`/docs\` |
| \`${run("check")}\` | checks \`config.yaml\` without serving it |
| \`${run("test")}\` | starts the proxy on a free port, and asks it with a key and without |

## Secrets

\`.env\` holds the master key${parts.includes("teams") ? ", and what encrypts the database," : ""} and is for this machine alone: \`.gitignore\` keeps it out of git. \`.env.example\` says what belongs there, for everybody else. Give
callers keys of their own, with models and limits: [keys](${pageUrl("operating.md")}).
${parts.map((part) => sections[part](choices)).join("")}`;
}

const sections: Readonly<Record<Choices["parts"][number], (choices: Choices) => string>> = {
  docker: ({ model, packageManager }) => `
## In a container

\`\`\`sh
docker compose up --build
\`\`\`

The image is built from the lock file, which belongs in git: \`${packageManager} install\` writes it. It takes \`.env\` when it is started, and holds none of it.
${model.startsWith("local/") ? `\nThe model is pulled into a volume, once: \`docker compose run --rm proxy pull ${model.slice("local/".length)}\`\n` : ""}`,
  redis: () => `
## Redis

Scores and limits are shared by all proxies through the Redis at \`REDIS_URL\`. While it is away each proxy goes on by itself. To have one at hand: \`redis-server\`, or \`docker run --rm -p 127.0.0.1:6379:6379 redis:8.2-alpine\`.
`,
  teams: () => `
## Teams

Keys, teams and budgets are in the database at \`DHEERA_AI_DATABASE_URL\`: a file of SQLite to begin with, PostgreSQL for several machines. Manage them at http://localhost:4000/ui or from a shell: [teams](${pageUrl("teams.md")}).
`,
};
