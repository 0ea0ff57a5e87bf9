import { expect } from "vitest";

import type { Profile, Scorer } from "../contract.ts";
import type { Check } from "./check.ts";
import { apiKey, connect, isNetworkSubject, onStage, score } from "./stage.ts";
import type { ProviderSubject } from "./subject.ts";

/** What a provider says of itself is sound: core splits, caches and spreads by it. */
export function profileChecks(subject: ProviderSubject): readonly Check[] {
  return [
    {
      name: "has a name that can stand before a model",
      run: async () => expect(subject.provider.name).toMatch(/^[a-z0-9_-]+$/),
    },
    {
      name: "gives a sound profile",
      run: () => connected(subject, async (scorer) => expectSound(await profileOf(scorer))),
    },
    {
      name: "keeps its fingerprint while its server stays the same",
      run: () =>
        connected(subject, async (scorer) => {
          const before = await profileOf(scorer);
          await score(subject, scorer);
          const after = await profileOf(scorer);
          expectSound(after);
          expect(after.fingerprint).toBe(before.fingerprint);
        }),
    },
  ];
}

function connected(subject: ProviderSubject, run: (scorer: Scorer) => Promise<void>): Promise<void> {
  return isNetworkSubject(subject) ? onStage(subject, ({ scorer }) => run(scorer)) : run(connect(subject));
}

async function profileOf(scorer: Scorer): Promise<Profile> {
  return scorer.profile(new AbortController().signal);
}

function expectSound(profile: Profile): void {
  expect(["pointwise", "listwise"]).toContain(profile.scoring);
  expect(["probability", "logit", "cosine", "unknown"]).toContain(profile.scoreKind);
  expect(["compute", "per-search", "per-token"]).toContain(profile.billing);
  expect(profile.fingerprint, "the fingerprint").not.toBe("");
  expect(profile.fingerprint, "the fingerprint").not.toContain(apiKey);
  for (const [name, limit] of Object.entries(profile.limits)) {
    if (limit === undefined) continue;
    expect(
      Number.isSafeInteger(limit) && limit >= 1,
      `limits.${name} is ${limit}; it must be a whole number from 1 on`,
    ).toBe(true);
  }
}
