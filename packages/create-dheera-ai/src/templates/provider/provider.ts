import type { Choices, NewFile } from "../../choices.ts";
import { runScript } from "../../command-line/package-manager.ts";
import { fileOf, json, pageUrl, rangesOf, replaceOnce } from "../manifest.ts";
import { ownProjectFiles } from "../own-project.ts";
import { type ProviderName, providerNameOf, renameAcme } from "./provider-name.ts";

const example = "examples/custom-provider";

/** `examples/custom-provider` under a name of one's own, for those who have no workspace around it. */
export function providerFiles(choices: Choices): readonly NewFile[] {
  const named = providerNameOf(choices.name);
  const copy = (path: string): NewFile => ({ path, text: renameAcme(fileOf(`${example}/${path}`), named) });
  return [
    copy("src/index.ts"),
    copy("src/index.test.ts"),
    copy("tsconfig.json"),
    copy("tsdown.config.ts"),
    { path: "package.json", text: manifestOf(choices, named) },
    { path: "config.yaml", text: configOf(copy("config.yaml").text, choices) },
    { path: ".gitignore", text: "node_modules/\ndist/\n.env\n*.tgz\n*.log\n" },
    { path: "README.md", text: readme(choices, named) },
    ...ownProjectFiles(choices),
  ];
}

function configOf(text: string, { packageManager }: Choices): string {
  return replaceOnce(text, "dheera_ai --config config.yaml", runScript(packageManager, "proxy"));
}

function manifestOf({ name }: Choices, { label }: ProviderName): string {
  const {
    publishConfig,
    private: _,
    exports: _1,
    dependencies,
    devDependencies,
    peerDependencies,
    scripts,
    ...rest
  } = JSON.parse(fileOf(`${example}/package.json`));
  const { exports, ...settings } = publishConfig;
  return json({
    ...rest,
    name,
    description: `${label}'s rerankers as a provider of Dheera AI`,
    exports,
    publishConfig: settings,
    scripts: { ...scripts, proxy: "dheera_ai --config config.yaml" },
    dependencies: rangesOf(Object.keys(dependencies)),
    devDependencies: rangesOf([...Object.keys(devDependencies), "@dheera-ai/cli"]),
    peerDependencies: rangesOf(Object.keys(peerDependencies)),
  });
}

function readme({ name, packageManager }: Choices, { prefix, label, variable }: ProviderName): string {
  const run = (script: string): string => runScript(packageManager, script);
  return `# ${name}

Teaches [Dheera AI](${pageUrl("write-a-provider.md")}) the rerankers of ${label}: \`model: ${prefix}/relevance-1\`.

It works as it is, for a service that answers as \`src/index.ts\` says. Make it yours:

1. \`src/index.ts\`: the address, the request and the answer of the service, and what its profile promises. [Each line explained](${pageUrl("write-a-provider.md")}).
2. \`src/index.test.ts\`: what the service really answers. The contract suite asks it everything that core relies on.
3. \`package.json\`: name, description, licence, repository.

\`\`\`sh
${packageManager} install
${run("test")}             # the contract suite
${run("build")}    # dist/
\`\`\`

| command | what it does |
|---|---|
| \`${run("test")}\` | proves that the provider keeps the contract |
| \`${run("build")}\` | builds \`dist\` |
| \`${run("proxy")}\` | a proxy with this provider, from its source; with \`${variable}_API_BASE\` and \`${variable}_API_KEY\` in the environment |
| \`${run("check:package")}\` | what would be published, checked; build it before |
| \`npm pack\` | the package as a file; build it before |

## For those who use it

In a proxy:

\`\`\`yaml
plugins: ["${name}"]
model_list:
  - model_name: ${prefix}
    dheera_ai_params:
      model: ${prefix}/relevance-1
      api_key: os.environ/${variable}_API_KEY
\`\`\`
`;
}
