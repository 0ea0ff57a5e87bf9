import { bm25 } from "@dheera-ai/bm25";
import type { Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";
import { huggingface, selfHosted } from "@dheera-ai/huggingface";
import { llm } from "@dheera-ai/llm";
import { rowProviders } from "@dheera-ai/providers";

import { makeOptionalProviders, optionalPackages } from "./optional-providers.ts";

/** What `officialProviders` are made with. */
export interface OfficialProvidersOptions {
  /** Where providers look up keys and addresses that a deployment does not name; the process environment when absent. */
  readonly environment?: Environment | undefined;
  /** A folder from which packages of optional providers are looked for too; beside this package alone when absent. */
  readonly directory?: string | undefined;
}

/** The provider for models that name a server but no known provider: most servers speak Cohere's protocol. */
export const defaultProvider = "cohere";

/** Every official provider. Library, proxy and command line take this list, so that all know the same prefixes. */
export function officialProviders({
  environment = processEnvironment(),
  directory,
}: OfficialProvidersOptions = {}): readonly Provider[] {
  const options = { environment };
  const rows = rowProviders(options);
  const optional = makeOptionalProviders(optionalPackages, { environment, directory }, rows);
  const others = rows.filter(({ name }) => !optional.some((provider) => provider.name === name));
  return [bm25(), huggingface(options), ...selfHosted(options), llm(options), ...others, ...optional];
}
