import assert from "node:assert/strict";

import { assertCode, assertNoSecret, assertTrueScores, type Check } from "./check.ts";
import { closedAddress, type Fault, type Reply, withServer } from "../scripted-server.ts";
import { connect, failureOf, type NetworkSubject, onStage, promptly, score } from "../stage.ts";
import type { UpstreamRequest } from "../subject.ts";

/** A connection that fails is reported as such; a call that is given up ends at once. */
export function connectionChecks(subject: NetworkSubject): readonly Check[] {
  return [
    {
      name: "says that nothing listens at the address",
      run: async () => {
        const scorer = connect(subject, closedAddress);
        const failure = await failureOf(score(subject, scorer)).finally(() => scorer.close?.());
        assertCode(failure, "provider_unreachable");
        assert.ok(failure.retryable, "another deployment may be reachable: this is retryable");
        assertNoSecret(subject, failure.message);
      },
    },
    ...(["reset", "die in the body"] as const).map((fault) => ({
      name: faultNames[fault],
      run: () =>
        onStage(
          subject,
          async (stage) => {
            const failure = await failureOf(stage.score());
            assertCode(failure, "provider_unreachable", "provider_bad_response");
            assert.ok(failure.retryable, "another try may succeed: this is retryable");
            assertNoSecret(subject, failure.message);
          },
          () => ({ fault }),
        ),
    })),
    ...(["hang", "hang in the body"] as const).flatMap((fault) => [
      endsWith(subject, fault, "cancelled", new Error("the caller went away")),
      endsWith(subject, fault, "timeout", new DOMException("too late", "TimeoutError")),
    ]),
    {
      name: "sends no documents when the call was given up before it began",
      run: () =>
        onStage(subject, async (stage) => {
          assertCode(await failureOf(stage.score({ signal: AbortSignal.abort() })), "cancelled");
          assert.equal(stage.scoreRequests().length, 0, "requests for scores arrived");
        }),
    },
    {
      name: "works again after a call that was given up",
      run: () => {
        let calls = 0;
        return onStage(
          subject,
          async (stage) => {
            const controller = new AbortController();
            const outcome = failureOf(stage.score({ signal: controller.signal }));
            await Promise.race([stage.server.faulted, outcome]);
            controller.abort();
            await promptly(outcome, stillRuns);
            const documents = ["alone"];
            assertTrueScores(await stage.score({ documents }), documents);
          },
          () => (calls++ === 0 ? { fault: "hang" } : undefined),
        );
      },
    },
    ...(["of a request for scores", "of any request"] as const).map((which) => ({
      name: `follows no redirect ${which}, which could carry the key away`,
      run: () =>
        withServer(
          () => ({ body: {} }),
          (elsewhere) => {
            const redirect = ({ path }: UpstreamRequest): Reply => ({
              status: 307,
              headers: { location: elsewhere.url + path },
              body: {},
            });
            return onStage(
              subject,
              async (stage) => {
                await failureOf(stage.score());
                assert.equal(elsewhere.requests.length, 0, "requests arrived where the redirect points to");
              },
              which === "of any request" ? { all: redirect } : { scores: redirect },
            );
          },
        ),
    })),
  ];
}

const faultNames: Readonly<Record<Fault, string>> = {
  reset: "says that the connection was lost before the answer",
  "die in the body": "says that the connection was lost in the middle of the answer",
  hang: "when the upstream is silent",
  "hang in the body": "when the upstream stops in the middle of its answer",
};

const stillRuns = "the call still runs after it was given up";

function endsWith(subject: NetworkSubject, fault: Fault, code: "cancelled" | "timeout", reason: unknown): Check {
  return {
    name: `ends with ${code}, and closes the connection, ${faultNames[fault]}`,
    run: () =>
      onStage(
        subject,
        async (stage) => {
          const controller = new AbortController();
          const outcome = failureOf(stage.score({ signal: controller.signal }));
          await Promise.race([stage.server.faulted, outcome]);
          controller.abort(reason);
          assertCode(await promptly(outcome, stillRuns), code);
          await promptly(stage.server.abandoned, "the connection is still open after the call was given up");
        },
        () => ({ fault }),
      ),
  };
}
