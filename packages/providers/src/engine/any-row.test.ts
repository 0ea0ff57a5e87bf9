import { createDheera, isDheeraError, type Transport } from "@dheera-ai/core";
import fc from "fast-check";
import { expect, it } from "vitest";

import { providerOfRow } from "./provider-of-row.ts";
import type { Row } from "./row.ts";

const key = "secret-key-of-the-environment";

/** Words that somebody could write into a row by mistake, or to lead a key away. */
const word = fc.constantFrom(
  "/rerank",
  "/v1/rerank",
  "/{model}",
  "/{tenant}/x",
  "//evil.test/x",
  "/../..//evil.test",
  "/\\evil.test",
  "/%2e%2e/x",
  "/x?key={model}",
  "/x#y",
  "@evil.test",
  ":8080",
  "",
  "https://evil.test",
  "/v1:order",
  "authorization",
  "x-key",
  "host",
  "query",
  "a.b",
  "__proto__.x",
  "constructor",
  "model",
  "documents",
);
const base = fc.constantFrom(
  "https://own.test",
  "https://own.test/v1",
  "http://own.test:81/v1/",
  "https://own.test@evil.test",
  "https://own.test/v1?x=1",
  "//own.test",
  "ftp://own.test",
);
/** Most rows have to be possible ones, or nothing would be seen of what is served. */
function mostly<Value>(usual: fc.Arbitrary<Value>, odd: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd });
}
function map<Value>(
  usual: Record<string, Value>,
  keys: fc.Arbitrary<string>,
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<Record<string, Value>> {
  return mostly(fc.constantFrom({}, usual), fc.dictionary(keys, value, { maxKeys: 2 }));
}
const host = fc.constantFrom("own.test", "*", "*.test", "evil.*", "elsewhere.test", "https://evil.test");
const field = (usual: string): fc.Arbitrary<string> => mostly(fc.constantFrom(usual, `in.${usual}`), word);

const anyRow: fc.Arbitrary<Row> = fc.record(
  {
    name: fc.constant("any"),
    api_base: mostly(fc.constantFrom("https://own.test", "https://own.test/v1", "http://own.test:81/v1/"), base),
    api_base_env: fc.constantFrom(["ANY_BASE"], []),
    hosts: mostly<readonly string[]>(fc.constantFrom(["*.own.test"], []), fc.array(host, { maxLength: 1 })),
    path: mostly(fc.constantFrom("/rerank", "/v1/rerank", "/{model}/x", "/v1:order"), word),
    base_path: fc.constantFrom("append", "replace"),
    base_endings: map({ "/v1": "/v2" }, word, word),
    path_by_host: map({ "own.test": "/v1/own" }, host, word),
    path_parameters: fc.constantFrom<Readonly<Record<string, readonly string[]>>[]>({}, { tenant: ["ANY_TENANT"] }),
    api_base_by_key: map({ secret: "https://other.own.test/v1" }, fc.constantFrom("secret", "other"), base),
    api_key_env: fc.constantFrom(["ANY_KEY"], ["OTHER_KEY", "ANY_KEY"]),
    key_header: mostly(fc.constantFrom("authorization", "x-key"), word),
    key_prefix: mostly(fc.constantFrom("Bearer ", ""), fc.constant("Key\r\nx: ")),
    headers: map({ "x-version": "1" }, word, fc.constantFrom("1", "a\r\nb: c")),
    request: fc.record(
      {
        model: mostly(fc.constantFrom("model", null), word),
        query: field("query"),
        documents: field("documents"),
        top_n: field("top_n"),
        instruction: field("instruction"),
        constants: map({ constant: 1 }, word, fc.constant(1)),
      },
      { requiredKeys: [] },
    ),
    score_kind: fc.constant("unknown"),
    billing: fc.constant("compute"),
  },
  { requiredKeys: ["name", "path", "request", "score_kind", "billing"] },
);

it("whatever a row says, requests go to the address that was configured, and the key to no other than the row's own", async () => {
  let served = 0;
  await fc.assert(
    fc.asyncProperty(
      anyRow,
      fc.option(fc.constantFrom("https://elsewhere.test/v1", "https://own.test/v1/rerank", "https://a.own.test"), {
        nil: undefined,
      }),
      fc.constantFrom("m", "m", "a/b", "../admin", "..", "x?key=1#y", "//evil.test"),
      fc.option(fc.constantFrom("https://named.test", "https://own.test"), { nil: undefined }),
      async (row, apiBase, model, named) => {
        const environment = { ANY_KEY: key, ANY_TENANT: "../tenant", ...(named !== undefined && { ANY_BASE: named }) };
        const requests: Request[] = [];
        const transport: Transport = {
          fetch: async (input, init) => {
            requests.push(new Request(input, init));
            return Response.json({ results: [{ index: 0, relevance_score: 0.5 }] });
          },
        };
        try {
          await using dheera = createDheera({ providers: [providerOfRow(row, { environment })], transport });
          const request = { model: `any/${model}`, query: "q", documents: ["a"], max_retries: 0 };
          await dheera.rerank({ ...request, ...(apiBase !== undefined && { api_base: apiBase }) });
          served++;
        } catch (error) {
          // Refused in our own words, which name no key.
          if (!isDheeraError(error)) throw error;
          expect(error.message).not.toContain(key);
          expect(error.defect).toBe(false);
        }
        const isNamed = named !== undefined && row.api_base_env?.length === 1;
        const said = apiBase ?? (isNamed ? named : undefined);
        const own = [row.api_base, ...Object.values(row.api_base_by_key ?? {})].flatMap(
          (url) => URL.parse(url ?? "")?.origin ?? [],
        );
        for (const { url, headers } of requests) {
          const { origin, search, hash } = new URL(url);
          if (said === undefined) expect(own).toContain(origin);
          else expect(origin).toBe(new URL(said).origin);
          expect(search + hash).toBe("");
          expect(url).not.toContain(key);
          const carriers = [...headers].filter(([, value]) => value.includes(key)).map(([name]) => name);
          expect(carriers.length).toBeLessThanOrEqual(1);
          if (carriers.length === 0) continue;
          expect(carriers).toEqual([(row.key_header ?? "authorization").toLowerCase()]);
          const isTwin = isNamed && row.api_key_env?.[0] === "ANY_KEY" && origin === new URL(named).origin;
          const isListed = (row.hosts ?? []).some((listed) => origin === `https://${listed}`);
          const isOwnHost = isListed || own.includes(origin) || /^https:\/\/([a-z]+\.)?own\.test$/.test(origin);
          expect(isTwin || isOwnHost).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
  // Many rows are refused, and some are not.
  expect(served).toBeGreaterThan(50);
});
