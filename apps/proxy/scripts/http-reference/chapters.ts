import type { Topic } from "../../src/openapi/topics.ts";

/** A page, with the operations that it describes. */
export interface Chapter extends Heading {
  readonly topics: readonly Topic[];
}

interface Heading {
  readonly file: string;
  readonly title: string;
  readonly introduction: string;
  /** Of the first path of an operation. An operation is on the first page whose pattern fits. */
  readonly paths: RegExp;
}

const guide = "How they belong together: [teams.md](../../teams.md).";

const headings: readonly Heading[] = [
  {
    file: "ranking.md",
    title: "Ranking",
    introduction:
      "The one route that everything else is about: a query and documents in, a ranking out. Its fields are Cohere's, and those of Text Embeddings Inference are understood too.",
    paths: /^(\/v\d)?\/rerank$/,
  },
  {
    file: "clients.md",
    title: "Clients of other APIs",
    introduction:
      "Clients that were written for another service rank through the proxy when their base URL is changed: they get the answers, and the errors, that they know. [Which clients are tried](../../clients.md).",
    paths: /^\/(jina|voyage|together|pinecone|mixedbread|nvidia\/v1\/ranking|dashscope|score|infinity|weaviate)/,
  },
  {
    file: "files.md",
    title: "Files",
    introduction:
      "What [batches](batches.md) read and write, at OpenAI's addresses: JSON lines of requests, and of their answers.",
    paths: /\/files/,
  },
  {
    file: "batches.md",
    title: "Batches",
    introduction:
      "Millions of rankings in the background, at OpenAI's addresses. They need `batch_settings.storage`; [batch.md](../../batch.md) shows one from the upload to its results.",
    paths: /\/batches/,
  },
  {
    file: "models.md",
    title: "Models",
    introduction: "What one can ask for, how it is, and deployments that are kept in the database.",
    paths: /^(\/v1)?\/(models?|model_group|info|check-api-key)(\/|$)/,
  },
  {
    file: "health.md",
    title: "Health",
    introduction: "For load balancers, for probes of Kubernetes, and for people on call.",
    paths: /^\/health/,
  },
  {
    file: "keys.md",
    title: "Keys",
    introduction: `Keys in the database (\`general_settings.database_url\`), at LiteLLM's addresses. ${guide}`,
    paths: /^(\/v2)?\/key\//,
  },
  {
    file: "teams.md",
    title: "Teams",
    introduction: `Teams and their members, at LiteLLM's addresses. ${guide}`,
    paths: /^(\/v2)?\/team\/(?!daily)/,
  },
  {
    file: "users.md",
    title: "Users",
    introduction: `The people whose keys and spend are counted together, at LiteLLM's addresses. ${guide}`,
    paths: /^(\/v2)?\/user\/(?!daily)/,
  },
  {
    file: "organizations.md",
    title: "Organizations",
    introduction: `Organizations have teams and members of their own, at LiteLLM's addresses. ${guide}`,
    paths: /^\/organization\//,
  },
  {
    file: "budgets.md",
    title: "Budgets",
    introduction: `Budgets that several keys, users, teams or organizations name, at LiteLLM's addresses. ${guide}`,
    paths: /^\/budget\//,
  },
  {
    file: "spend.md",
    title: "Spend",
    introduction: `What was served and what it cost, in single answers and in sums, at LiteLLM's addresses. ${guide}`,
    paths: /^\/(global|spend|user\/daily|team\/daily)/,
  },
  {
    file: "webhooks.md",
    title: "Webhooks",
    introduction: `Addresses that are told when budgets are spent, batches end or deployments fail. ${guide}`,
    paths: /^\/webhook/,
  },
  {
    file: "audit.md",
    title: "Audit log",
    introduction: `Who changed what, and what it was before. ${guide}`,
    paths: /^\/audit/,
  },
  {
    file: "sign-in.md",
    title: "Signing in",
    introduction:
      "Sessions of the proxy's own pages, in cookies: with a key, or at an OpenID provider. [sign-in.md](../../sign-in.md) sets it up.",
    paths: /^\/(sso|login)/,
  },
  {
    file: "operating.md",
    title: "Metrics, pages and descriptions",
    introduction: "Metrics for Prometheus, the pages for people, this description as data.",
    paths: /./,
  },
];

/** Every operation on one page. @throws Error where a page would be empty */
export function chapters(topics: readonly Topic[]): readonly Chapter[] {
  const byFile = Map.groupBy(topics, ({ paths: [path = ""] }) => fileOf(path));
  return headings.map((heading) => {
    const own = byFile.get(heading.file);
    if (!own) throw new Error(`no operation is on the page ${heading.file} of the reference`);
    return { ...heading, topics: own };
  });
}

function fileOf(path: string): string {
  return headings.find(({ paths }) => paths.test(path))?.file ?? "operating.md";
}
