import { type Environment, type ExchangedCredentials, exchangedCredentials } from "@dheera-ai/core/provider-utils";

import { askSource, type AwsKeys } from "./aws-sdk.ts";
import { credentialError } from "./credential-error.ts";
import type { CredentialSource } from "./source.ts";

/** Keys that deployments with the same source have together. */
export interface CredentialPool {
  /** Each deployment calls `release` when it closes; that of the last one ends an exchange that is under way. */
  take(source: CredentialSource): PooledCredentials;
}

export interface PooledCredentials extends Pick<ExchangedCredentials<AwsKeys>, "get" | "invalidate"> {
  /** May be called more than once. */
  release(): void;
}

/** Keys of one provider, for as long as some deployment uses them. */
export function createCredentialPool(environment: Environment): CredentialPool {
  const held = new Map<string, { readonly credentials: ExchangedCredentials<AwsKeys>; users: number }>();

  return {
    take(source) {
      const name = JSON.stringify(source);
      const entry = held.get(name) ?? { credentials: open(source, environment), users: 0 };
      held.set(name, entry);
      entry.users++;
      let isReleased = false;
      return {
        get: (signal) => entry.credentials.get(signal),
        invalidate: (keys) => entry.credentials.invalidate(keys),
        release() {
          if (isReleased) return;
          isReleased = true;
          if (--entry.users > 0) return;
          held.delete(name);
          entry.credentials.close();
        },
      };
    },
  };
}

function open(source: CredentialSource, environment: Environment): ExchangedCredentials<AwsKeys> {
  return exchangedCredentials<AwsKeys>({
    provider: "bedrock",
    async exchange() {
      try {
        const keys = await askSource(source, environment);
        return { value: keys, ...(keys.expiration && { expiresAt: keys.expiration }) };
      } catch (error) {
        throw credentialError(error, source);
      }
    },
  });
}
