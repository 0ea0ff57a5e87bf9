import assert from "node:assert/strict";

import type { Profile, Scorer } from "../../contract.ts";
import type { Check } from "./check.ts";
import { checkProfile } from "../../provider/check-profile.ts";
import { connect, isNetworkSubject, keyOf, onStage, score } from "../stage.ts";
import type { ProviderSubject } from "../subject.ts";

/** What a provider says of itself is sound: core splits, caches and spreads by it. */
export function profileChecks(subject: ProviderSubject): readonly Check[] {
  return [
    {
      name: "has a name that can stand before a model",
      run: async () => assert.match(subject.provider.name, /^[a-z0-9_-]+$/),
    },
    {
      name: "gives a sound profile",
      run: () => connected(subject, async (scorer) => assertSound(subject, await profileOf(scorer))),
    },
    {
      name: "keeps its fingerprint while its server stays the same",
      run: () =>
        connected(subject, async (scorer) => {
          const before = await profileOf(scorer);
          await score(subject, scorer);
          const after = await profileOf(scorer);
          assertSound(subject, after);
          assert.equal(after.fingerprint, before.fingerprint);
        }),
    },
  ];
}

/** Runs a check with a connected scorer, whatever the provider calls or does not call. */
export async function connected(subject: ProviderSubject, run: (scorer: Scorer) => Promise<void>): Promise<void> {
  if (isNetworkSubject(subject)) return onStage(subject, ({ scorer }) => run(scorer));
  const scorer = connect(subject);
  try {
    await run(scorer);
  } finally {
    await scorer.close?.();
  }
}

async function profileOf(scorer: Scorer): Promise<Profile> {
  return scorer.profile(new AbortController().signal);
}

function assertSound(subject: ProviderSubject, profile: Profile): void {
  checkProfile(profile, subject.provider.name);
  assert.ok(!profile.fingerprint.includes(keyOf(subject)), "the fingerprint holds the key");
}
