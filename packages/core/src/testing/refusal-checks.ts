import { expect } from "vitest";

import type { ErrorCode } from "../errors.ts";
import type { Check } from "./check.ts";
import { apiKey, documents, failureOf, type NetworkSubject, onStage, query } from "./stage.ts";
import type { UpstreamAnswer } from "./subject.ts";

/** Each refusal becomes the code that says whose fault it is, carries Retry-After, and repeats nothing secret. */
export function refusalChecks(subject: NetworkSubject): readonly Check[] {
  const expected = { ...codes, ...ownCodes(subject) };
  return [
    ...Object.entries(expected).map(([status, allowed]) => ({
      name: `turns status ${status} into ${allowed.join(" or ")}`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => expect(allowed).toContain((await failureOf(score())).code),
          () => refusal(Number(status)),
        ),
    })),
    ...[429, 503].map((status) => ({
      name: `carries the Retry-After of status ${status}`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => expect(await failureOf(score())).toMatchObject({ retryAfter: 7 }),
          () => refusal(status, { "retry-after": "7" }),
        ),
    })),
    ...[429, 500, 503].map((status) => ({
      name: `leaves retrying after status ${status} to core`,
      run: () =>
        onStage(
          subject,
          async ({ score, scoreRequests }) => {
            await failureOf(score());
            expect(scoreRequests()).toHaveLength(1);
          },
          () => refusal(status),
        ),
    })),
    ...Object.keys(expected).map((status) => ({
      name: `repeats no key, query or document when status ${status} quotes them`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => expectNoSecret((await failureOf(score())).message),
          () => refusal(Number(status)),
        ),
    })),
    {
      name: "repeats no key, query or document when a nonsense answer quotes them",
      run: () =>
        onStage(
          subject,
          async ({ score }) => expectNoSecret((await failureOf(score())).message),
          () => ({ headers: { "content-type": "text/html" }, body: `<p>${quote}</p>` }),
        ),
    },
  ];
}

/** Fails when a message tells what only the caller and the upstream may know. */
export function expectNoSecret(message: string): void {
  for (const secret of [apiKey, query, ...documents]) expect(message).not.toContain(secret);
}

const codes: Readonly<Record<number, readonly ErrorCode[]>> = {
  400: ["provider_rejected"],
  401: ["provider_auth"],
  402: ["provider_auth"],
  403: ["provider_auth"],
  404: ["provider_failed"],
  413: ["provider_rejected"],
  422: ["provider_rejected"],
  429: ["provider_rate_limited", "provider_overloaded"],
  500: ["provider_failed"],
  502: ["provider_failed"],
  503: ["provider_overloaded", "provider_starting"],
  504: ["provider_failed", "timeout"],
};

function ownCodes(subject: NetworkSubject): Readonly<Record<number, readonly ErrorCode[]>> {
  return Object.fromEntries(Object.entries(subject.upstream.refusals ?? {}).map(([status, code]) => [status, [code]]));
}

const quote = `cannot score "${documents[0]}" for "${query}" with key ${apiKey}`;

/** A refusal that quotes everything, under every name that upstreams use for their message. */
function refusal(status: number, headers: Readonly<Record<string, string>> = {}): UpstreamAnswer {
  return { status, headers, body: { message: quote, error: quote, detail: quote } };
}
