import { answerChecks } from "./answer-checks.ts";
import type { Check } from "./check.ts";
import { connectionChecks } from "./connection-checks.ts";
import { offlineChecks } from "./offline-checks.ts";
import { profileChecks } from "./profile-checks.ts";
import { refusalChecks } from "./refusal-checks.ts";
import { scoringChecks } from "./scoring-checks.ts";
import { isNetworkSubject } from "./stage.ts";
import type { ProviderSubject } from "./subject.ts";

/** Every promise of the contract that applies to this provider. */
export function checksFor(subject: ProviderSubject): readonly Check[] {
  if (!isNetworkSubject(subject)) return [...profileChecks(subject), ...offlineChecks(subject)];
  return [
    ...profileChecks(subject),
    ...scoringChecks(subject),
    ...answerChecks(subject),
    ...refusalChecks(subject),
    ...connectionChecks(subject),
  ];
}
