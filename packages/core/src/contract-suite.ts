import { providerChecks } from "./contract-suite/checks/checks.ts";
import type { ProviderSubject } from "./contract-suite/subject.ts";

/** What the suite uses of a test runner: vitest, `node:test` and `bun:test` all export both. */
export interface TestRunner {
  describe(name: string, run: () => void): unknown;
  test(name: string, run: () => Promise<void>): unknown;
}

/**
 * The provider contract as tests: runs the provider against a real HTTP server on a loopback port that answers,
 * refuses, fails and hangs as upstreams do. Call it at the top of a test file: `testProvider(subject, { describe, test
 * })`.
 */
export function testProvider(subject: ProviderSubject, { describe, test }: TestRunner): void {
  describe(`the provider ${subject.provider.name} keeps the contract`, () => {
    for (const { name, run } of providerChecks(subject)) test(name, run);
  });
}

export type { Check } from "./contract-suite/checks/check.ts";
export { providerChecks } from "./contract-suite/checks/checks.ts";
export { type Fault, type Reply, type ScriptedServer, withServer } from "./contract-suite/scripted-server.ts";
export type {
  ProviderSubject,
  ScoresAnswer,
  SentTexts,
  Signature,
  TokenExchange,
  Upstream,
  UpstreamAnswer,
  UpstreamRequest,
} from "./contract-suite/subject.ts";
export { testTarget } from "./contract-suite/test-target.ts";
