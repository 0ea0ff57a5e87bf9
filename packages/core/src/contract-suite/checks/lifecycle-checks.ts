import assert from "node:assert/strict";

import type { Scorer } from "../../contract.ts";
import { upstreamError } from "../../upstream/upstream-error.ts";
import { assertCode, assertNoSecret, assertTrueScores, type Check } from "./check.ts";
import { connected } from "./profile-checks.ts";
import { failureOf, isNetworkSubject, type NetworkSubject, onStage, promptly, score, trueScores } from "../stage.ts";
import type { ProviderSubject, UpstreamAnswer } from "../subject.ts";

/** A scorer lets go of everything when it is closed: the proxy connects anew at each reload. */
export function closeChecks(subject: ProviderSubject): readonly Check[] {
  return [
    {
      name: "leaves no timer behind when it is closed",
      run: async () => {
        const before = timers();
        await connected(subject, async (scorer) => void (await score(subject, scorer)));
        await eventually(() => timers() <= before, "timers still run after close; clear them there");
      },
    },
    {
      name: "can be closed before its first call, and twice",
      run: () =>
        connected(subject, async (scorer) => {
          await scorer.close?.();
          await scorer.close?.();
        }),
    },
    {
      name: "lets no call hang after it was closed",
      run: () =>
        connected(subject, async (scorer) => {
          await score(subject, scorer);
          await scorer.close?.();
          await promptly(
            score(subject, scorer).catch(() => {}),
            "a call after close neither succeeds nor fails",
          );
        }),
    },
    ...(isNetworkSubject(subject) ? [closesConnections(subject)] : []),
  ];
}

function closesConnections(subject: NetworkSubject): Check {
  return {
    name: "leaves no connection open when it is closed",
    run: () =>
      onStage(
        subject,
        async ({ scorer, server, score: scoreAll }) => {
          await scoreAll();
          await scorer.close?.();
          await eventually(() => server.openConnections() === 0, "connections are still open after close");
        },
        {
          all: (request) => {
            // Those of the host's own pool end with the answer, so that what stays is the provider's.
            const { upstream } = subject;
            if (upstream.exchange?.isExchange(request)) return lastOne(upstream.exchange.answer("token", 3600));
            const { documents } = upstream.readRequest(request);
            if (!Array.isArray(documents)) return upstream.other && lastOne(upstream.other(request));
            return lastOne(upstream.answer(trueScores(documents.map(String)), request));
          },
        },
      ),
  };
}

function lastOne(answer: UpstreamAnswer): UpstreamAnswer {
  return { ...answer, headers: { ...answer.headers, connection: "close" } };
}

/** A server that loads its model is no failure: requests wait for it, or are told when to come again. */
export function startingChecks(subject: NetworkSubject): readonly Check[] {
  const { starting } = subject.upstream;
  if (!starting) return [];
  return [
    {
      name: "says that its server is starting, and when to ask again",
      run: () =>
        onStage(
          subject,
          async (stage) => assertStarting(subject, stage.score()),
          () => starting,
        ),
    },
    {
      name: "does not wait in its profile for a server that is starting, and works when it has started",
      run: () => {
        let isStarting = true;
        return onStage(
          subject,
          async ({ scorer, score: scoreAll }) => {
            await promptly(profileOrStarting(subject, scorer), "profile() waits for a server that is starting");
            await assertStarting(subject, scoreAll());
            isStarting = false;
            assertTrueScores(await scoreAll());
          },
          { all: () => (isStarting ? starting : undefined) },
        );
      },
    },
  ];
}

/** A provider that knows its profile without asking gives it. */
async function profileOrStarting(subject: ProviderSubject, scorer: Scorer): Promise<void> {
  try {
    await scorer.profile(new AbortController().signal);
  } catch (error) {
    await assertStarting(subject, Promise.reject(upstreamError(error, subject.provider.name)));
  }
}

async function assertStarting(subject: ProviderSubject, outcome: Promise<unknown>): Promise<void> {
  const failure = await failureOf(outcome);
  assertCode(failure, "provider_starting");
  assert.ok((failure.retryAfter ?? 0) > 0, "retryAfter must say after how many seconds asking again makes sense");
  assertNoSecret(subject, failure.message);
}

/** Timers that keep the process alive; 0 on runtimes that do not tell. */
function timers(): number {
  const resources = globalThis.process?.getActiveResourcesInfo?.() ?? [];
  return resources.filter((resource) => resource === "Timeout").length;
}

async function eventually(holds: () => boolean, otherwise: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(otherwise);
}
