import type { Profile, ScoreKind } from "@dheera-ai/core";

import type { RowDocumentation, RowPrice } from "../engine/row.ts";

/** What is known of a provider without asking it. */
export interface KnownProvider {
  /** The prefix in `model: <name>/<model>`. */
  readonly name: string;
  /** For people: `Jina AI`. */
  readonly label: string;
  /** The package that has to be installed beside `dheera-ai`. */
  readonly package?: string;
  /** What has to be installed beside that package, because it is too large to come with it. */
  readonly runtime?: readonly string[];
  /** Whether its models run on the machine that asks, so that documents go to no server. */
  readonly runs_here?: boolean;
  /** Its own address; absent where every deployment has to name one, or where it follows from other parameters. */
  readonly api_base?: string;
  /** Variables with another address. */
  readonly api_base_env: readonly string[];
  /** Variables with a key. */
  readonly api_key_env: readonly string[];
  /** The last one stands for all models that are not named. */
  readonly models: readonly KnownModel[];
  /** Further parameters that a deployment needs, with values to show. */
  readonly example?: Readonly<Record<string, string>>;
  readonly documentation: RowDocumentation;
}

/** What is known of a model without asking for it. */
export interface KnownModel {
  /** Its name, without the prefix; `*` stands for any characters. */
  readonly model: string;
  /** Tokens of query plus one document. */
  readonly context?: number;
  readonly documents_per_call?: number;
  /** Of all documents, and of the query once for each of them. */
  readonly tokens_per_call?: number;
  readonly score_kind: ScoreKind;
  readonly scoring: Profile["scoring"];
  readonly billing: Profile["billing"];
  /** At the provider's own address. */
  readonly price?: RowPrice;
  /** What callers of the model are told. */
  readonly deprecated?: string;
}
