import { describe, test } from "vitest";

import { checksFor } from "./testing/checks.ts";
import type { ProviderSubject } from "./testing/subject.ts";

/**
 * The provider contract as a vitest suite: runs the provider against a real HTTP server on a loopback port that answers, refuses, fails and
 * hangs as upstreams do. Call it at the top of a test file.
 */
export function testProvider(subject: ProviderSubject): void {
  describe(`the provider ${subject.provider.name} keeps the contract`, () => {
    for (const { name, run } of checksFor(subject)) test(name, run);
  });
}

export { type Fault, type Reply, type ScriptedServer, withServer } from "./testing/scripted-server.ts";
export type { ProviderSubject, SentTexts, Upstream, UpstreamAnswer, UpstreamRequest } from "./testing/subject.ts";
export { testTarget } from "./testing/test-target.ts";
