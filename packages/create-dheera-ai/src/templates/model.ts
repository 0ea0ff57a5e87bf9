import { UsageError } from "../errors.ts";
import type { Variable } from "../folder/environment-file.ts";
import { type ProviderFacts, workspace } from "../workspace.ts";

/** What a chosen model needs beside its name. */
export interface ModelFacts {
  readonly provider: ProviderFacts;
  /** Parameters of its entry in `model_list`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Variables that somebody has to fill in. */
  readonly variables: readonly Variable[];
}

/** @throws UsageError where it names no provider that is known */
export function factsOfModel(model: string): ModelFacts {
  const [prefix = "", ...rest] = model.split("/");
  const provider = workspace.providers.find(({ name }) => name === prefix);
  // The model comes to a file that shells and YAML read.
  const isName = /^[\w@.:*~+-]+(\/[\w@.:*~+-]+)*$/.test(rest.join("/"));
  if (provider === undefined || !isName) {
    const names = workspace.providers.map(({ name }) => name).join(", ");
    throw new UsageError(
      `--model wants <provider>/<model>, such as bm25/default; "${model}" is none. Providers: ${names}`,
    );
  }
  const { label, key, address, example } = provider;
  const parameters = {
    ...(address && { api_base: `os.environ/${address}` }),
    ...(key && { api_key: `os.environ/${key}` }),
    ...example,
  };
  const filledIn = [...(address ? [address] : []), ...(key ? [key] : []), ...variablesIn(example)];
  const variables = filledIn.map((name) => ({
    name,
    value: "",
    comment: `${label}: ${name === address ? "the address of its server" : "its key"}. Fill it in.`,
    isWanted: true,
  }));
  return { provider, parameters, variables: variables.filter(isFirst) };
}

/** `os.environ/VOLC_ACCESSKEY` names a variable. */
function variablesIn(example: ProviderFacts["example"]): readonly string[] {
  return Object.values(example).flatMap((value) => /^os\.environ\/(\w+)$/.exec(value)?.[1] ?? []);
}

const isFirst = ({ name }: Variable, index: number, all: readonly Variable[]): boolean =>
  all.findIndex((other) => other.name === name) === index;
