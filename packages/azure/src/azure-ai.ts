import type { Provider, Target } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";
import { rowProviders } from "@dheera-ai/providers";

import { connectWithToken } from "./connect-with-token.ts";
import { findCredential } from "./find-credential.ts";
import { optionNames, parseOptions } from "./parse-options.ts";

/** What `azureAi` is made with. */
export interface AzureAiOptions {
  /**
   * Where the address, keys and Entra's applications are looked up that a deployment does not name; the process environment
   * when absent. Microsoft's own library reads the process environment for managed and workload identities.
   */
  readonly environment?: Environment | undefined;
}

/**
 * Azure AI Foundry: `azure_ai/<deployment>` as `@dheera-ai/providers` has it, with a token of Microsoft Entra where there is
 * an application or an identity in place of a key.
 */
export function azureAi({ environment = processEnvironment() }: AzureAiOptions = {}): Provider {
  const withKey = rowProviders({ environment }).find(({ name }) => name === "azure_ai");
  if (withKey === undefined) throw new Error("@dheera-ai/providers has no azure_ai");
  return {
    name: withKey.name,
    optionNames: [...(withKey.optionNames ?? []), ...optionNames],
    connect: (target: Target) => {
      const options = parseOptions(target.options);
      const credential = findCredential(options, target, environment);
      return credential === undefined
        ? withKey.connect(target)
        : connectWithToken(withKey, target, { credential, scope: options.azure_scope, environment });
    },
  };
}
