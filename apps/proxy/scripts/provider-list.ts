import type { KnownModel, KnownProvider, Row } from "@dheera-ai/providers";

import { code, count, generatedFromProviders, table } from "./markdown.ts";

/** The list of all providers, with what one chooses by. Each comes with the page that it leads to. */
export function renderList(known: readonly (readonly [KnownProvider, string, Row | undefined])[]): string {
  const rows = known.map(([provider, link, row]) => {
    const { name, label, models, api_key_env } = provider;
    const named = models.filter(({ model }) => model !== "*").length;
    return [
      `[${label}](${link})`,
      `\`${name}/…\``,
      placeOf(provider, row),
      longestContext(models),
      lowestPrice(models),
      scoringOf(models),
      code(api_key_env[0]),
      named === 0 ? "" : `${named}`,
      code(installCommand(provider)),
    ];
  });
  const headings = [
    "provider",
    "model",
    "runs at",
    "tokens up to",
    "price from",
    "ranks",
    "key",
    "models known by name",
  ];
  return [
    generatedFromProviders,
    "",
    "# Providers",
    "",
    `${known.length} providers come with Dheera AI. \`dheera_ai models --known\` lists their models with context, scale and price; \`--output json\` makes data of it.`,
    "Any other service that takes a key in a header and JSON both ways is [a few lines of configuration](../configuration.md#a-provider-of-your-own), and everything else",
    "is [a provider in TypeScript](../write-a-provider.md).",
    "",
    ...table([...headings, "needs"], rows),
    "",
    "* **runs at**: a *service* has an address of its own and takes a key; a *cloud* takes its own credentials, or is asked at the address of your resource there; *your server* is one whose address you give; *this machine* asks nobody.",
    "* **tokens up to**: query and one document, of the model that takes most; **price from**: that of the cheapest model, in US dollars. Empty where nobody says so; each page has all models, and the source of the prices.",
    "* **ranks**: *pointwise*, each document by itself, so that a large request can be divided and scores are kept; *listwise*, all documents of a request together.",
    "",
  ].join("\n");
}

/** Undefined for what comes with Dheera AI. */
export function installCommand({ package: packageName, runtime = [] }: KnownProvider): string | undefined {
  return packageName === undefined ? undefined : ["npm install", packageName, ...runtime].join(" ");
}

function placeOf({ runs_here, package: packageName, api_base }: KnownProvider, row: Row | undefined): string {
  if (runs_here) return "this machine";
  if (packageName !== undefined) return "cloud";
  if (api_base !== undefined) return "service";
  // Hosts at which it is known to be, and which of them is a matter of the account.
  return row?.hosts === undefined ? "your server" : "cloud";
}

function longestContext(models: readonly KnownModel[]): string {
  const known = models.flatMap(({ context }) => context ?? []);
  return known.length === 0 ? "" : count(Math.max(...known));
}

/** By searches and by tokens, where models are billed by the one and the other. */
function lowestPrice(models: readonly KnownModel[]): string {
  const prices = models.flatMap(({ price, deprecated }) => (deprecated === undefined ? (price ?? []) : []));
  const ways = [
    { sums: prices.flatMap(({ per_search }) => per_search ?? []), unit: "a search" },
    { sums: prices.flatMap(({ per_million_tokens }) => per_million_tokens ?? []), unit: "a million tokens" },
  ];
  return ways
    .filter(({ sums }) => sums.length > 0)
    .map(({ sums, unit }) => `${Math.min(...sums)} ${unit}`)
    .join(", ");
}

function scoringOf(models: readonly KnownModel[]): string {
  return [...new Set(models.map(({ scoring }) => scoring))].toSorted().join(" or ");
}
