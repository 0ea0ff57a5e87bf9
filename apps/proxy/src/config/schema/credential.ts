import * as v from "valibot";

import { type Kind, anything, openSection, sharedSection, text } from "./kinds.ts";
import { tlsEntries } from "./tls-settings.ts";

/** An address and a key under a name, for deployments that say `dheera_ai_credential_name`. */
export interface Credential {
  readonly credential_name: string;
  readonly credential_values: CredentialValues;
}

/** Parameters for a deployment that has none of its own by these names. */
export interface CredentialValues {
  readonly api_base?: string | undefined;
  readonly api_key?: string | undefined;
  readonly [name: string]: unknown;
}

export const credential: Kind<Credential> = sharedSection(
  {
    credential_name: text("The name by which deployments mean it."),
    credential_values: openSection(
      {
        api_base: v.optional(text("URL of the server that the key is for.")),
        api_key: v.optional(text("The key; usually `os.environ/NAME`.")),
        ...tlsEntries,
      },
      "Parameters for each deployment that names the credential and has none of its own by these names.",
      "provider",
    ),
    credential_info: v.optional(anything("Anything you want to remember with it.")),
  },
  "An address and a key that deployments share.",
);
