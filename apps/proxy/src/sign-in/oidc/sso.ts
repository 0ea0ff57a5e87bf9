import { DheeraError } from "@dheera-ai/core";

import type { SsoSettings } from "../../config/config.ts";
import { awayFrom } from "./failures.ts";
import type { Claims } from "./identity.ts";
import type { Pending } from "./pending.ts";
import type { Provider } from "./provider.ts";
import { returnAddress } from "./return-address.ts";

/** Signing in at an OpenID provider, by the code flow with PKCE. Nothing is loaded and nobody is asked before the first sign-in. */
export interface Sso {
  readonly settings: SsoSettings;
  /**
   * @param returnTo where the person wants to go after it; an address of another site is not kept
   * @throws DheeraError `unavailable` where the provider cannot be asked
   */
  begin(returnTo: string | null): Promise<Begun>;
  /**
   * @param answer the address to which the provider sent the browser back
   * @param pending what the browser kept since the beginning
   * @throws DheeraError `invalid_request` for an answer to another question, or one that is forged or too late; `forbidden` where the
   * provider let nobody in; `unavailable`; `rate_limited` where too many answers are checked at one time
   */
  finish(answer: URL, pending: Pending | undefined): Promise<Finished>;
  /** Where the browser goes to end its session at the provider; undefined where the provider has no such page. */
  signOutAddress(idToken: string | undefined): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface Begun {
  readonly location: string;
  readonly pending: Pending;
}

export interface Finished {
  readonly claims: Claims;
  readonly idToken: string | undefined;
  readonly location: string;
}

/** @param baseUrl the proxy's own origin: the provider sends browsers back to `<origin>/sso/callback` */
export function createSso(settings: SsoSettings, baseUrl: string): Sso {
  let opened: Promise<Provider> | undefined;
  let opensAgainAt = 0;
  let checking = 0;
  const provider = (): Promise<Provider> => {
    if (opened) return opened;
    // A provider that is away is not asked by each visitor again.
    if (performance.now() < opensAgainAt) throw awayFrom(settings.issuer);
    opened = import("./provider.ts").then(({ openProvider }) => openProvider(settings, baseUrl));
    opened.catch(() => {
      opened = undefined;
      opensAgainAt = performance.now() + pauseMs;
    });
    return opened;
  };
  return {
    settings,
    async begin(returnTo) {
      const { location, state, nonce, verifier } = await (await provider()).begin();
      const pending = { issuer: settings.issuer, state, nonce, verifier, returnTo: pathOf(returnTo, baseUrl) };
      return { location, pending };
    },
    async finish(answer, pending) {
      if (pending?.issuer !== settings.issuer || answer.searchParams.get("state") !== pending.state)
        throw new DheeraError(
          "invalid_request",
          "this answer of the provider belongs to no sign-in that this browser has begun within the last ten minutes; sign in again, in one tab",
        );
      // Anybody may come with an invented answer, for each of which the provider is asked.
      if (checking >= mostAtOnce)
        throw new DheeraError("rate_limited", "too many people sign in at once; try again in a moment", {
          retryAfter: 1,
        });
      checking++;
      try {
        const { claims, idToken } = await (await provider()).finish(answer, pending);
        return { claims, idToken, location: returnAddress(pending.returnTo, baseUrl).href };
      } finally {
        checking--;
      }
    },
    async signOutAddress(idToken) {
      return (await provider()).signOutAddress(idToken);
    },
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

const pauseMs = 15_000;
/** Answers that are checked at the provider at one time. */
const mostAtOnce = 50;

function pathOf(returnTo: string | null, baseUrl: string): string {
  const { pathname, search, hash } = returnAddress(returnTo, baseUrl);
  return pathname + search + hash;
}
