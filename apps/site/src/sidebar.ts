/** One page of the site. */
export interface Entry {
  /** From the root of the repository. */
  readonly file: string;
  /** What the sidebar calls it; absent: the page's own title. */
  readonly label?: string;
  /** One sentence for `llms.txt` and for search engines; absent: the page's first sentence. */
  readonly about?: string;
}

export interface Section {
  readonly label: string;
  /** In the order of the sidebar. */
  readonly entries: readonly Entry[];
  /** A folder whose other pages follow, in the order of their names: each of them is one more of the same. */
  readonly rest?: string;
  /** One sentence about each of those, made of its title; absent: its first sentence. */
  readonly aboutRest?: (title: string) => string;
  readonly collapsed?: boolean;
}

/** The page that the site opens with. */
export const firstPage = "docs/README.md";

/** The sidebar, written by hand: every page of `docs/` is in it exactly once, and so are the READMEs that pages link to. */
export const sidebar: readonly Section[] = [
  {
    label: "Start",
    entries: [
      {
        file: firstPage,
        label: "Quick start",
        about: "The first ranking from the library, the proxy and Python, without an account.",
      },
      {
        file: "docs/create.md",
        about: "npm create dheera-ai@latest: a proxy with its configuration, or a provider package, ready to run.",
      },
      {
        file: "docs/library.md",
        about: "rerank() in TypeScript: its fields, its answer, several models, caching, cancelling, what runs where.",
      },
      {
        file: "python/README.md",
        label: "The Python package",
        about:
          "rerank() and arerank() in Python, with dataframes, LangChain, LlamaIndex, Haystack and the command line.",
      },
      {
        file: "apps/cli/README.md",
        label: "The command line",
        about: "dheera_ai on a shell: rank documents, run the proxy, measure models, work through files.",
      },
    ],
  },
  {
    label: "Guides",
    entries: [
      {
        file: "docs/huggingface-rerank.md",
        label: "Hugging Face rerank",
        about: "A model of Hugging Face from a first call to a shared proxy, step by step in Python and TypeScript.",
      },
      {
        file: "docs/guides/from-litellm.md",
        about: "Take a LiteLLM configuration, its callers and its keys to this proxy, step by step.",
      },
      {
        file: "docs/guides/self-hosting.md",
        about: "Start a reranker on your own machine, ask it from a program, and put the proxy in front of two.",
      },
      {
        file: "docs/local-models.md",
        label: "Local models",
        about:
          "Neural rerankers on your own machine, in a process beside yours, without a server, an account or a graphics card.",
      },
      {
        file: "docs/evaluating.md",
        label: "Choosing a model",
        about: "Measure rerankers on your own queries with dheera_ai eval: quality with intervals, time and price.",
      },
      {
        file: "docs/combined-models.md",
        about: "One model name for a cascade, a fusion or a split of several models, and what each reaches.",
      },
      {
        file: "docs/live-comparisons.md",
        label: "Comparing on live requests",
        about: "Let another model rank a part of the real requests before it serves anybody.",
      },
      {
        file: "docs/teams.md",
        label: "Budgets and teams",
        about: "Keys, teams, users and organizations with limits, budgets and reports of what was spent.",
      },
      {
        file: "docs/batch.md",
        label: "Batches at the proxy",
        about: "Upload a file of rerank requests, create a batch, come back for the answers, by OpenAI's addresses.",
      },
      {
        file: "docs/batch-command.md",
        label: "Batches from a shell",
        about: "Rank the documents of every query in a file with dheera_ai batch, and go on where it was interrupted.",
      },
      {
        file: "docs/write-a-provider.md",
        about: "Teach Dheera AI one more way to score documents, in about forty lines, with tests.",
      },
    ],
  },
  {
    label: "Clients and frameworks",
    entries: [
      {
        file: "docs/frameworks.md",
        about: "Adapters for frameworks of TypeScript and Python, in the process or at a proxy.",
      },
      {
        file: "docs/clients.md",
        about: "SDKs and frameworks that work with the proxy when their base URL is changed, each tested.",
      },
      {
        file: "docs/mcp.md",
        about: "Let Claude, VS Code, Cursor and other agents rank documents: the MCP server, its tools and its limits.",
      },
    ],
  },
  {
    label: "Search engines",
    entries: [
      {
        file: "docs/search-engines/README.md",
        label: "All search engines",
        about: "Search engines that can ask a reranker themselves, and which settings point them at the proxy.",
      },
    ],
    rest: "docs/search-engines",
  },
  {
    label: "Providers",
    entries: [
      {
        file: "docs/providers/README.md",
        label: "All providers",
        about: "Every provider with its prefix, its key and the models that are known by name.",
      },
    ],
    rest: "docs/providers",
    aboutRest: (title) =>
      `${title}: its prefix, address, key and parameters, and the models that are known with their prices.`,
    collapsed: true,
  },
  {
    label: "Reference",
    entries: [
      {
        file: "docs/configuration.md",
        label: "Configuration",
        about:
          "What a configuration may say, beside LiteLLM's: what is the same, what differs, what has no effect, providers of your own.",
      },
      {
        file: "docs/errors.md",
        about: "Every error code with its status, whether it is worth trying again, and what to do.",
      },
    ],
    rest: "docs/reference",
  },
  {
    label: "Operations",
    entries: [
      { file: "docs/operating.md", about: "How to run the proxy, what it needs, every setting and every option." },
      {
        file: "docs/runbook.md",
        about: "What runs beside the proxy: its metrics, its health line, and what to do when it is not well.",
      },
      { file: "docs/sign-in.md", about: "Single sign-on for people, tokens of an issuer for services." },
      { file: "docs/telemetry.md", about: "Metrics, traces and logs of the proxy, and what they never contain." },
      {
        file: "docs/performance.md",
        about: "What the proxy and the library cost in time and memory, each figure with the program that measured it.",
      },
      {
        file: "docs/capacity.md",
        about:
          "What one machine of 64 cores and a hundred of them do, by a model with measured constants, and what breaks first.",
      },
      {
        file: "docs/peers.md",
        about: "Requests a second, processor time, memory and start of other gateways, measured beside the proxy.",
      },
      {
        file: "SECURITY.md",
        label: "Security",
        about: "How to report a vulnerability, and what the project promises.",
      },
    ],
  },
  {
    label: "Packages",
    entries: [{ file: "packages/dheera-ai/README.md", label: "dheera-ai" }],
    rest: "packages",
    collapsed: true,
  },
  {
    label: "The project",
    entries: [
      {
        file: "ARCHITECTURE.md",
        label: "Architecture",
        about: "The way of a request through the code, who may know whom, and a map of every folder.",
      },
      { file: "CONTRIBUTING.md", label: "Contributing", about: "How to install, test and change the project." },
      { file: "docs/releasing.md", about: "How a release is made, by whom, and what it publishes." },
    ],
    collapsed: true,
  },
  {
    label: "Decisions",
    entries: [],
    rest: "docs/decisions",
    aboutRest: (title) => `Decision ${title}: its context, the choice, what follows from it.`,
    collapsed: true,
  },
];
