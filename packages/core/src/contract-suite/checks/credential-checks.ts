import assert from "node:assert/strict";

import { assertCode, assertNoSecret, assertTrueScores, type Check } from "./check.ts";
import { refusal } from "./refusal-checks.ts";
import { failureOf, keyOf, type NetworkSubject, onStage, promptly, tokenOf } from "../stage.ts";
import type { Signature, TokenExchange, UpstreamRequest } from "../subject.ts";

/** The key goes where it must, and nowhere else. */
export function credentialChecks(subject: NetworkSubject): readonly Check[] {
  const { credentials = "sent", exchange, signature } = subject.upstream;
  if (credentials === "exchanged") return exchangedChecks(subject, needed(exchange, "exchange"));
  if (credentials === "signed") return signedChecks(subject, needed(signature, "signature"));
  return [
    {
      name: "sends the key it was given",
      run: () =>
        onStage(subject, async ({ score, scoreRequests }) => {
          await score();
          for (const request of scoreRequests())
            assert.ok(carries(request, keyOf(subject)), "a request without the key");
        }),
    },
  ];
}

function exchangedChecks(subject: NetworkSubject, exchange: TokenExchange): readonly Check[] {
  return [
    {
      name: "exchanges its key, and sends with the documents what it got for it, never the key",
      run: () =>
        onStage(subject, async ({ score, scoreRequests, exchangeRequests }) => {
          assertTrueScores(await score());
          assert.equal(exchangeRequests().length, 1, "requests for a token arrived");
          for (const request of scoreRequests()) {
            assert.ok(carries(request, tokenOf(1)), "a request for scores without the token");
            assertHides(request, keyOf(subject));
          }
        }),
    },
    {
      name: "exchanges its key once for calls at the same time, and keeps the token for later ones",
      run: () =>
        onStage(subject, async ({ score, exchangeRequests }) => {
          await Promise.all(Array.from({ length: 5 }, () => score()));
          await score();
          assert.equal(exchangeRequests().length, 1, "requests for a token arrived");
        }),
    },
    {
      name: "finishes the exchange for the others when the call that began it is given up",
      run: () => {
        const begun = Promise.withResolvers<void>();
        const release = Promise.withResolvers<void>();
        return onStage(
          subject,
          async ({ score, exchangeRequests }) => {
            const controller = new AbortController();
            const impatient = failureOf(score({ signal: controller.signal }));
            const patient = score();
            await promptly(begun.promise, "no request for a token arrived");
            controller.abort();
            assertCode(await promptly(impatient, "the call still runs after it was given up"), "cancelled");
            release.resolve();
            assertTrueScores(await promptly(patient, "the other call got no token"));
            assert.equal(exchangeRequests().length, 1, "requests for a token arrived");
          },
          {
            exchange: async (_, number) => {
              begun.resolve();
              await release.promise;
              return exchange.answer(tokenOf(number), 3600);
            },
          },
        );
      },
    },
    ...[400, 401, 403, 404].map((status) => ({
      name: `turns status ${status} of the exchange into provider_auth, and sends no documents`,
      run: () =>
        onStage(
          subject,
          async ({ score, scoreRequests }) => {
            const failure = await failureOf(score());
            assertCode(failure, "provider_auth");
            assertNoSecret(subject, failure.message);
            assert.equal(scoreRequests().length, 0, "requests for scores arrived");
          },
          { exchange: () => refusal(subject, status) },
        ),
    })),
    {
      name: "carries the Retry-After of an exchange that is limited, and says that one failed",
      run: async () => {
        await onStage(
          subject,
          async ({ score }) => {
            const failure = await failureOf(score());
            assertCode(failure, "provider_rate_limited");
            assert.equal(failure.retryAfter, 7);
          },
          { exchange: () => refusal(subject, 429, { "retry-after": "7" }) },
        );
        await onStage(subject, async ({ score }) => assertCode(await failureOf(score()), "provider_failed"), {
          exchange: () => refusal(subject, 500),
        });
      },
    },
    {
      name: "exchanges its key again after an exchange that failed",
      run: () =>
        onStage(
          subject,
          async ({ score }) => {
            await failureOf(score());
            assertTrueScores(await score());
          },
          { exchange: (_, number) => (number === 1 ? refusal(subject, 500) : exchange.answer(tokenOf(number), 3600)) },
        ),
    },
    {
      name: "exchanges its key again after the upstream refused the token",
      run: () => {
        const isRefused = (request: UpstreamRequest): boolean => carries(request, tokenOf(1));
        return onStage(
          subject,
          async ({ score }) => {
            // A provider may try once more by itself.
            await score().catch((error: unknown) => failureOf(Promise.reject(error)));
            assertTrueScores(await score());
          },
          (request) => (isRefused(request) ? refusal(subject, 401) : undefined),
        );
      },
    },
    {
      name: "asks for a new token before the old one expires",
      run: () => {
        const ends = new Map<string, number>();
        let stale = 0;
        return onStage(
          subject,
          async ({ score }) => {
            const until = Date.now() + 3_000;
            while (Date.now() < until) {
              await score();
              await new Promise((resolve) => setTimeout(resolve, 100));
            }
            assert.ok(ends.size > 1, "no second token was asked for, though the first one has expired");
            assert.equal(stale, 0, "requests for scores arrived with an expired token");
          },
          {
            exchange: (_, number) => {
              ends.set(tokenOf(number), Date.now() + shortLife * 1000);
              return exchange.answer(tokenOf(number), shortLife);
            },
            scores: (request) => {
              const held = [...ends].find(([token]) => carries(request, token));
              // A busy machine may deliver late what was sent in time.
              if (!held || Date.now() > held[1] + 500) stale++;
              return undefined;
            },
          },
        );
      },
    },
  ];
}

/** Seconds. */
const shortLife = 2;

function signedChecks(subject: NetworkSubject, { header, verify }: Signature): readonly Check[] {
  return [
    {
      name: "never sends its key",
      run: () =>
        onStage(subject, async ({ score, server }) => {
          await score();
          for (const request of server.requests) assertHides(request, keyOf(subject));
        }),
    },
    {
      name: "signs each request for scores, body included",
      run: () =>
        onStage(subject, async ({ score, scoreRequests }) => {
          await score();
          await score({ documents: ["alone"] });
          const signatures = scoreRequests().map(({ headers }) => headers[header]);
          assert.ok(!signatures.includes(undefined), `a request without the header ${header}`);
          assert.equal(new Set(signatures).size, signatures.length, "two requests have the same signature");
          for (const request of scoreRequests())
            assert.ok(verify?.(request, keyOf(subject)) ?? true, "a request with a wrong signature");
        }),
    },
  ];
}

function carries({ headers }: UpstreamRequest, secret: string): boolean {
  return Object.values(headers).some((value) => value.split(" ").includes(secret) || value === secret);
}

function assertHides({ path, headers, text }: UpstreamRequest, key: string): void {
  for (const part of [path, text, ...Object.values(headers)])
    assert.ok(!part.includes(key), "a request that must not carry the key carries it");
}

function needed<T>(mode: T | undefined, name: string): T {
  if (mode === undefined) throw new TypeError(`the subject's upstream.credentials need upstream.${name}`);
  return mode;
}
