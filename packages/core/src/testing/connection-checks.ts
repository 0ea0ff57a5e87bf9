import { expect } from "vitest";

import type { Check } from "./check.ts";
import { expectNoSecret } from "./refusal-checks.ts";
import { closedAddress, type Fault, withServer } from "./scripted-server.ts";
import { apiKey, connect, failureOf, type NetworkSubject, onStage, score } from "./stage.ts";

/** A connection that fails is told as such; a call that is given up ends at once. */
export function connectionChecks(subject: NetworkSubject): readonly Check[] {
  return [
    {
      name: "says that nothing listens at the address",
      run: async () => {
        const scorer = connect(subject, { apiBase: (await closedAddress()) + (subject.upstream.path ?? ""), apiKey });
        const failure = await failureOf(score(subject, scorer));
        expect(failure).toMatchObject({ code: "provider_unreachable", retryable: true });
        expectNoSecret(failure.message);
      },
    },
    ...(["reset", "die in the body"] as const).map((fault) => ({
      name: faultNames[fault],
      run: () =>
        onStage(
          subject,
          async (stage) => {
            const failure = await failureOf(stage.score());
            expect(["provider_unreachable", "provider_bad_response"]).toContain(failure.code);
            expect(failure.retryable).toBe(true);
            expectNoSecret(failure.message);
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
          expect(await failureOf(stage.score({ signal: AbortSignal.abort() }))).toMatchObject({ code: "cancelled" });
          expect(stage.scoreRequests()).toHaveLength(0);
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
            await promptly(outcome, "the call still schedule after it was given up");
            expect(await stage.score({ documents: ["alone"] })).toHaveLength(1);
          },
          (request) =>
            calls++ === 0 ? { fault: "hang" } : subject.upstream.answer([{ index: 0, score: 0.5 }], request),
        );
      },
    },
    {
      name: "follows no redirect, which could carry the key away",
      run: () =>
        withServer(
          () => ({ body: {} }),
          (elsewhere) =>
            onStage(
              subject,
              async (stage) => {
                await failureOf(stage.score());
                expect(elsewhere.requests).toHaveLength(0);
              },
              ({ path }) => ({ status: 307, headers: { location: elsewhere.url + path }, body: {} }),
            ),
        ),
    },
  ];
}

const faultNames: Readonly<Record<Fault, string>> = {
  reset: "says that the connection was lost before the answer",
  "die in the body": "says that the connection was lost in the middle of the answer",
  hang: "when the upstream is silent",
  "hang in the body": "when the upstream stops in the middle of its answer",
};

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
          expect(await promptly(outcome, "the call still schedule after it was given up")).toMatchObject({ code });
          await promptly(stage.server.abandoned, "the connection is still open after the call was given up");
        },
        () => ({ fault }),
      ),
  };
}

/** A promise that settles, or an error that says what did not happen, before a test that has five seconds is over. */
function promptly<T>(promise: Promise<T>, otherwise: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(otherwise)), 4_000);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
