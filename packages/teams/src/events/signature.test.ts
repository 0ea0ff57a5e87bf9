import fc from "fast-check";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { describe, expect, it } from "vitest";

import { bodiesOf } from "./bodies.ts";
import { longestWait, mostAttempts, retryAfterOf, waitAfter } from "./backoff.ts";
import { isWebhookSecret, newWebhookSecret, signedHeaders } from "./signature.ts";

describe("signedHeaders", () => {
  it("signs any body so that the library of Standard Webhooks verifies it, and nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.uuid(), (text, id) => {
        const [secret, other] = [newWebhookSecret(), newWebhookSecret()];
        const body = JSON.stringify({ text });
        const headers = signedHeaders({ id, at: Date.now(), body, secrets: [secret] });
        expect(new Webhook(secret).verify(body, { ...headers })).toEqual({ text });
        for (const forged of [
          () => new Webhook(other).verify(body, { ...headers }),
          () => new Webhook(secret).verify(`${body} `, { ...headers }),
          () => new Webhook(secret).verify(body, { ...headers, "webhook-id": `${id}1` }),
        ])
          expect(forged).toThrow(WebhookVerificationError);
      }),
      // The library computes in JavaScript.
      { numRuns: 30 },
    );
  });

  it("signs with two secrets while one takes the place of the other, and with none where there is none", () => {
    const [secret, previous] = [newWebhookSecret(), newWebhookSecret()];
    const headers = signedHeaders({ id: "evt_1", at: Date.now(), body: "{}", secrets: [secret, previous] });
    for (const one of [secret, previous]) expect(new Webhook(one).verify("{}", { ...headers })).toEqual({});
    expect(signedHeaders({ id: "evt_1", at: 1_999, body: "{}", secrets: [] })).toEqual({
      "webhook-id": "evt_1",
      "webhook-timestamp": "1",
    });
  });

  it("takes secrets of 24 to 64 bytes, as the specification asks", () => {
    expect(isWebhookSecret(newWebhookSecret())).toBe(true);
    const ofBytes = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;
    expect([23, 24, 64, 65].map((bytes) => isWebhookSecret(ofBytes(bytes)))).toEqual([false, true, true, false]);
    for (const text of ["", "whsec_", "secret", ofBytes(32).replace("whsec_", ""), `${ofBytes(32)}=`])
      expect(isWebhookSecret(text)).toBe(false);
  });
});

describe("waitAfter", () => {
  const attempts = fc.integer({ min: 1, max: mostAttempts });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const asked = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 40 }));

  it("waits from a half to all of a time that grows by four, never longer than six hours", () => {
    fc.assert(
      fc.property(attempts, share, (made, random) => {
        const longest = Math.min(longestWait, 5_000 * 4 ** (made - 1));
        const wait = waitAfter(made, random);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(longest / 2));
        expect(wait).toBeLessThanOrEqual(longest);
        expect(waitAfter(made + 1, random)).toBeGreaterThanOrEqual(wait);
      }),
    );
  });

  it("waits as long as the server asks for, within the same bound", () => {
    fc.assert(
      fc.property(attempts, share, asked, (made, random, retryAfter) => {
        const wait = waitAfter(made, random, retryAfter);
        expect(wait).toBeGreaterThanOrEqual(Math.min(retryAfter, longestWait));
        expect(wait).toBeLessThanOrEqual(longestWait);
        expect(Number.isSafeInteger(wait)).toBe(true);
      }),
    );
  });

  it("makes ten attempts in 10 to 20 hours", () => {
    const total = (random: number): number =>
      Array.from({ length: mostAttempts - 1 }, (_, index) => waitAfter(index + 1, random)).reduce((a, b) => a + b);
    expect(total(0) / 3_600_000).toBeCloseTo(9.9, 0);
    expect(total(1) / 3_600_000).toBeCloseTo(19.9, 0);
  });

  it("reads seconds and dates, and takes nothing else for a time", () => {
    const now = Date.UTC(2026, 10, 27);
    expect(retryAfterOf("120", now)).toBe(120_000);
    expect(retryAfterOf("Fri, 27 Nov 2026 00:01:00 GMT", now)).toBe(60_000);
    expect(retryAfterOf("Thu, 26 Nov 2026 00:00:00 GMT", now)).toBe(0);
    fc.assert(
      fc.property(fc.oneof(fc.constant(null), fc.string()), (header) => {
        const wait = retryAfterOf(header, now);
        expect(wait >= 0 && Number.isFinite(wait)).toBe(true);
      }),
    );
  });
});

describe("bodiesOf", () => {
  it("lets no name mention anybody or link anywhere in Slack, and bounds the message", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 5_000 }), (name) => {
        const message = `The key ${name} <!channel>\nhttps://evil.example/0 at evil.example, ada@evil.example`;
        const event = { key: "", at: 0, type: "budget.spent", message } as const;
        const { slack, json } = bodiesOf({ ...event, fields: { event: "e", event_group: "key" } }, "evt_1");
        const { text }: { text: string } = JSON.parse(slack);
        expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
        expect(text).not.toMatch(/:\/\/|@\p{L}|\.\p{L}|[\n\r\u2028\u2029]/u);
        expect(text.length).toBeLessThanOrEqual(10_000);
        expect(slack.isWellFormed() && json.isWellFormed()).toBe(true);
        expect(slack + json).not.toContain("\0");
      }),
    );
  });
});
