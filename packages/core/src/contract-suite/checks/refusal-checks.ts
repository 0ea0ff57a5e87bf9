import assert from "node:assert/strict";

import type { ErrorCode } from "../../errors.ts";
import { assertCode, assertNoSecret, type Check } from "./check.ts";
import { documents, failureOf, keyOf, type NetworkSubject, onStage, query } from "../stage.ts";
import type { ProviderSubject, UpstreamAnswer } from "../subject.ts";

/** Each refusal becomes the code that says whose fault it is, carries Retry-After, and repeats nothing secret. */
export function refusalChecks(subject: NetworkSubject): readonly Check[] {
  const expected = { ...codes, ...ownCodes(subject) };
  return [
    ...Object.entries(expected).map(([status, allowed]) => ({
      name: `turns status ${status} into ${allowed.join(" or ")}`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => assertCode(await failureOf(score()), ...allowed),
          () => refusal(subject, Number(status)),
        ),
    })),
    ...[429, 503].map((status) => ({
      name: `carries the Retry-After of status ${status}`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => assert.equal((await failureOf(score())).retryAfter, 7),
          () => refusal(subject, status, { "retry-after": "7" }),
        ),
    })),
    ...[429, 500, 503].map((status) => ({
      name: `leaves retrying after status ${status} to core`,
      run: () =>
        onStage(
          subject,
          async ({ score, scoreRequests }) => {
            await failureOf(score());
            const most = subject.upstream.exchanges === "many" ? documents.length : 1;
            const sent = scoreRequests().length;
            assert.ok(sent >= 1, "no request for scores arrived");
            assert.ok(sent <= most, "a refused request was sent again");
          },
          () => refusal(subject, status),
        ),
    })),
    ...Object.keys(expected).map((status) => ({
      name: `repeats no key, query or document when status ${status} quotes them`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => assertNoSecret(subject, (await failureOf(score())).message),
          () => refusal(subject, Number(status)),
        ),
    })),
    {
      name: "repeats no key, query or document when a nonsense answer quotes them",
      run: () =>
        onStage(
          subject,
          async ({ score }) => assertNoSecret(subject, (await failureOf(score())).message),
          () => ({ headers: { "content-type": "text/html" }, body: `<p>${quote(subject)}</p>` }),
        ),
    },
  ];
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

function quote(subject: ProviderSubject): string {
  return `cannot score "${documents[0]}" for "${query}" with key ${keyOf(subject)}`;
}

/** A refusal that quotes everything, under every name that upstreams use for their message. */
export function refusal(
  subject: ProviderSubject,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): UpstreamAnswer {
  const said = quote(subject);
  return { status, headers, body: { message: said, error: said, detail: said } };
}
