import { parts, packageManagers, templates } from "../choices.ts";

/** What `--help` prints. */
export const help: string = `npm create dheera-ai@latest [folder] -- [flags]

Creates a folder to start from:
  proxy     a Dheera AI proxy: one rerank API over every reranker, with its configuration
  provider  a package that teaches Dheera AI another rerank service
  library   a TypeScript program that reranks in its own process

  [folder]                  where to; "." is this one
  -t, --template NAME       ${templates.join(", ")} (proxy)
  -m, --model MODEL         the model to begin with: <provider>/<model> (bm25/default, which needs no account)
      --with LIST           beside a proxy: ${parts.join(", ")}, or none (docker)
      --package-manager NAME
                            ${packageManagers.join(", ")} (the one that runs this)
      --no-install          write the files, install nothing
      --no-git              make no git repository
      --force               write into a folder that is not empty; says what it replaced
  -y, --yes                 ask nothing, take what is in brackets
      --json                ask nothing, print one JSON object
  -h, --help                this
  -v, --version             the version

Without a terminal nothing is asked. pnpm, yarn and bun take the flags without "--":
  pnpm create dheera-ai@latest my-proxy --template proxy
`;
