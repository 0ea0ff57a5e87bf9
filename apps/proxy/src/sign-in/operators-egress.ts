import { type Egress, openEgress } from "../egress/open-egress.ts";
import { operatorsRules } from "../egress/operators-rules.ts";

/** `fetch` for issuers, whose addresses and those in their descriptions are the operator's own word. */
export function operatorsEgress(): Egress {
  return openEgress(operatorsRules);
}
