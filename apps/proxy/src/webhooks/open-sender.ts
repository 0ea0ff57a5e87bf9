import type { Send } from "@dheera-ai/teams";

import type { EgressRules } from "../egress/egress-rules.ts";
import { type Egress, openEgress } from "../egress/open-egress.ts";
import { operatorsRules } from "../egress/operators-rules.ts";

export interface Sender {
  readonly send: Send;
  close(): Promise<void>;
}

/** Nobody reads what receivers say, and nobody waits long for it. */
const bounds = { mostBytes: 64_000, timeoutMs: 10_000 };

/** Sends to webhooks under the rules for what people add, or for what the configuration has; each is opened when it is first needed. */
export function openSender(rules: EgressRules): Sender {
  let added: Egress | undefined;
  let configured: Egress | undefined;
  return {
    async send({ url, headers, body, isConfigured }) {
      const egress = isConfigured
        ? (configured ??= openEgress(operatorsRules, bounds))
        : (added ??= openEgress(rules, bounds));
      const answer = await egress.fetch(url, { method: "POST", headers, body });
      return { status: answer.status, retryAfter: answer.headers.get("retry-after") };
    },
    async close() {
      await Promise.all([added?.close(), configured?.close()]);
    },
  };
}
