import type { Choices, NewFile } from "../../choices.ts";
import { runScript } from "../../command-line/package-manager.ts";
import { environmentFile } from "../../folder/environment-file.ts";
import { fileOf, json, onnxRuntimeNote, pageUrl, rangesOf, replaceOnce } from "../manifest.ts";
import { type ModelFacts, factsOfModel } from "../model.ts";
import { ownProjectFiles } from "../own-project.ts";

/** `examples/quickstart` as a program of one's own, with the chosen model. */
export function libraryFiles(choices: Choices): readonly NewFile[] {
  const facts = factsOfModel(choices.model);
  const { variables } = facts;
  return [
    { path: "main.ts", text: mainOf(choices, facts) },
    { path: "main.test.ts", text: test },
    { path: "package.json", text: manifestOf(choices, facts) },
    { path: "tsconfig.json", text: json(tsconfig) },
    { path: ".gitignore", text: "node_modules/\n.env\n*.log\n" },
    { path: "README.md", text: readme(choices, facts) },
    ...(variables.length > 0
      ? [
          { path: ".env", text: environmentFile(variables, false), isSecret: true },
          { path: ".env.example", text: environmentFile(variables, true) },
        ]
      : []),
    ...ownProjectFiles(choices),
  ];
}

function mainOf({ model }: Choices, { provider }: ModelFacts): string {
  const code = fileOf("examples/quickstart/main.ts").replace(/^(\/\/.*\n)+/, "");
  const place = provider.name === "bm25" || provider.name === "local" ? "in this very process" : `at ${provider.label}`;
  const head = `// Ranks ${place}. Another model: run it with its name, such as "huggingface/BAAI/bge-reranker-base".\n`;
  const parameters = Object.entries(provider.example)
    .filter(([name]) => name !== "api_key" && name !== "api_base")
    .map(([name, value]) => `  ${name}: ${asCode(value)},\n`);
  const named = replaceOnce(code, '"bm25/default"', JSON.stringify(model));
  return (
    head +
    (parameters.length === 0 ? named : replaceOnce(named, "  top_n: 3,\n", `  top_n: 3,\n${parameters.join("")}`))
  );
}

function asCode(value: string): string {
  const variable = /^os\.environ\/(\w+)$/.exec(value)?.[1];
  return variable === undefined ? JSON.stringify(value) : `process.env.${variable}`;
}

const test = `import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

test("the program ranks the right document first", async () => {
  // BM25 needs no account, so that this runs anywhere.
  const { stdout } = await promisify(execFile)(process.execPath, ["main.ts", "bm25/default"], { cwd: import.meta.dirname });
  assert.match(stdout, /^\\d+\\.\\d{4} Washington, D\\.C\\./);
});
`;

const tsconfig = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2024"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ["*.ts"],
};

function manifestOf({ name, model }: Choices, { provider }: ModelFacts): string {
  const isLocal = provider.name === "local";
  return json({
    name,
    version: "0.0.0",
    private: true,
    type: "module",
    scripts: {
      start: "node --env-file-if-exists=.env main.ts",
      test: "node --test",
      check: "tsc",
      ...(isLocal && { pull: `dheera_ai pull ${model.slice("local/".length)}` }),
    },
    dependencies: rangesOf(["dheera-ai", ...provider.packages]),
    devDependencies: rangesOf(["@types/node", "typescript", ...(isLocal ? ["@dheera-ai/cli"] : [])]),
    engines: { node: ">=22.19" },
  });
}

function readme({ name, model, packageManager }: Choices, { provider, variables }: ModelFacts): string {
  const run = (script: string): string => runScript(packageManager, script);
  const fillIn = variables.map((variable) => `\`${variable.name}\``).join(" and ");
  return `# ${name}

Ranks documents by how well they answer a query, with \`${model}\`: \`main.ts\`.

\`\`\`sh
${packageManager} install
${provider.name === "local" ? `${run("pull")}    # downloads the model, once\n` : ""}${run("start")}
\`\`\`
${provider.name === "local" ? `\n${onnxRuntimeNote}\n` : ""}${fillIn === "" ? "" : `\n\`${model}\` wants ${fillIn} in \`.env\`: fill it in before.\n`}
| command | what it does |
|---|---|
| \`${run("start")}\` | ranks, and prints the ranking |
| \`${run("test")}\` | checks that the right document comes first |
| \`${run("check")}\` | checks types; Node.js runs \`main.ts\` without |

What \`rerank\` takes and answers: [the library](${pageUrl("library.md")}).
`;
}
