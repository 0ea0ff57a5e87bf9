import { answerChecks } from "./answer-checks.ts";
import { callChecks } from "./call-checks.ts";
import type { Check } from "./check.ts";
import { connectionChecks } from "./connection-checks.ts";
import { credentialChecks } from "./credential-checks.ts";
import { closeChecks, startingChecks } from "./lifecycle-checks.ts";
import { offlineChecks } from "./offline-checks.ts";
import { profileChecks } from "./profile-checks.ts";
import { refusalChecks } from "./refusal-checks.ts";
import { scoringChecks } from "./scoring-checks.ts";
import { isNetworkSubject } from "../stage.ts";
import type { ProviderSubject } from "../subject.ts";

/** Every promise of the contract that applies to this provider, for runners that `testProvider` does not know. */
export function providerChecks(subject: ProviderSubject): readonly Check[] {
  const always = [...profileChecks(subject), ...callChecks(subject), ...closeChecks(subject)];
  if (!isNetworkSubject(subject)) return [...always, ...offlineChecks(subject)];
  return [
    ...always,
    ...scoringChecks(subject),
    ...credentialChecks(subject),
    ...answerChecks(subject),
    ...refusalChecks(subject),
    ...startingChecks(subject),
    ...connectionChecks(subject),
  ];
}
