import { type EgressRules, egressRules } from "./egress-rules.ts";

/**
 * For addresses of the configuration: they are the operator's own word, so they may be within a private network; what they lead to still
 * is no metadata service, and on the internet nothing without TLS.
 */
export const operatorsRules: EgressRules = egressRules([
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "127.0.0.0/8",
  "::1/128",
  "fc00::/7",
]);
