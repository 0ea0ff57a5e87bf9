import { workspace } from "../../workspace.ts";

/** How a new provider is called in its files. */
export interface ProviderName {
  /** In `model: <prefix>/<model>`: `acme-search` */
  readonly prefix: string;
  /** In code: `acmeSearch` */
  readonly identifier: string;
  /** For people: `Acme Search` */
  readonly label: string;
  /** Begins the names of its variables: `ACME_SEARCH` */
  readonly variable: string;
}

/** After the package: `@quill/dheera-provider` and `dheera-provider-quill` are Quill's, `quill-provider` too. */
export function providerNameOf(packageName: string): ProviderName {
  const [scope, name = ""] = packageName.startsWith("@") ? packageName.slice(1).split("/") : [undefined, packageName];
  const words = wordsOf(name);
  // A name that says of a package only what it is: its scope says whose it is.
  const own = words.length > 0 ? words : wordsOf(scope ?? "");
  const isFree = /^[a-z]/.test(own[0] ?? "") && !isOfficial(own);
  const parts = isFree ? own : ["my", ...own];
  const camel = parts.map((part, index) => (index === 0 ? part : capitalize(part))).join("");
  return {
    prefix: parts.join("-"),
    identifier: taken.has(camel) ? `${camel}Provider` : camel,
    label: parts.map(capitalize).join(" "),
    variable: parts.join("_").toUpperCase(),
  };
}

function wordsOf(name: string): readonly string[] {
  const words = name.split(/[^a-z0-9]+/).filter((word) => word !== "");
  return words.filter((word) => !ofEveryProvider.has(word));
}

/** The example speaks of Acme; this is the same text for another service. */
export function renameAcme(text: string, { prefix, identifier, label, variable }: ProviderName): string {
  return text
    .replaceAll(/(?<=\b(?:const|default|import|provider:) )acme\b/g, identifier)
    .replaceAll(/\bacme\b/g, prefix)
    .replaceAll(/\bAcme\b/g, label)
    .replaceAll(/\bACME(?=_)/g, variable);
}

const capitalize = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

/** A package with its prefix would take the place of the official provider; with its variable it would be sent its key. */
function isOfficial(words: readonly string[]): boolean {
  const prefix = words.join("-");
  const key = `${words.join("_").toUpperCase()}_API_KEY`;
  return (
    prefix === "fusion" ||
    workspace.providers.some((provider) => provider.name.replaceAll("_", "-") === prefix || provider.key === key)
  );
}

const ofEveryProvider: ReadonlySet<string> = new Set(["dheera", "ai", "provider", "reranker", "rerank"]);

/** What the files call something else, and what JavaScript keeps for itself. */
const taken: ReadonlySet<string> = new Set(
  (
    "score schema describe test v profile profileOf testProvider documents query answer parsed relevance tokens target model usage scores index signal http " +
    "break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in " +
    "instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with " +
    "yield await async eval arguments undefined"
  ).split(" "),
);
