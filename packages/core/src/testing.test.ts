import { describe, expect, test } from "vitest";

import type { Profile, Provider, Score, ScoreCall, ScoreResult, Target } from "./contract.ts";
import { DheeraError } from "./errors.ts";
import { readScores } from "./upstream/read-scores.ts";
import { testProvider } from "./testing.ts";
import { checksFor } from "./testing/checks.ts";
import type { ProviderSubject, Upstream } from "./testing/subject.ts";

const upstream: Upstream = {
  path: "/v1",
  readRequest: ({ body }) => ({ query: body["query"], documents: body["documents"] }),
  answer: (scores) => ({ body: { results: scores.map(({ index, score }) => ({ index, relevance_score: score })) } }),
};

testProvider({ provider: provider(), model: "plain", upstream });
testProvider({
  provider: provider(),
  model: "positional",
  upstream: { ...upstream, positional: true, answer: bareNumbers },
});
testProvider({ provider: provider({ score: scoreByLength }), model: "offline" });

describe("the suite notices a provider that", () => {
  test.each<{ defect: string; broken: Provider; check: string }>([
    {
      defect: "has a name no model can carry",
      broken: { ...provider(), name: "Acme Corp" },
      check: "has a name that can stand before a model",
    },
    {
      defect: "states a limit of nothing",
      broken: provider({ profile: () => ({ ...profile, limits: { documentsPerCall: 0 } }) }),
      check: "gives a sound profile",
    },
    {
      defect: "shows its key in the fingerprint",
      broken: provider({ profile: ({ apiKey }) => ({ ...profile, fingerprint: `plain ${apiKey}` }) }),
      check: "gives a sound profile",
    },
    {
      defect: "changes its fingerprint",
      broken: provider({ profile: fickleProfile() }),
      check: "keeps its fingerprint while its server stays the same",
    },
    {
      defect: "sends each document alone",
      broken: provider({ score: scoreOneByOne }),
      check: "sends the query and all documents in one exchange",
    },
    {
      defect: "sends no key",
      broken: provider({ score: (target, call) => post({ ...target, apiKey: "" }, call) }),
      check: "sends the key it was given",
    },
    {
      defect: "trims documents",
      broken: provider({
        score: (target, call) => post(target, { ...call, documents: call.documents.map((text) => text.trim()) }),
      }),
      check: "hands over empty, very long and strange documents unchanged",
    },
    {
      defect: "refuses a parameter",
      broken: provider({ score: refuseInstruction }),
      check: "accepts every parameter a caller may give",
    },
    {
      defect: "mixes up calls that run at the same time",
      broken: provider({ score: scoreLastQuery() }),
      check: "keeps calls that run at the same time apart",
    },
    {
      defect: "ignores the index",
      broken: provider({ score: withScores((scores) => scores.map(({ score }, index) => ({ index, score }))) }),
      check: "accepts scores in any order",
    },
    {
      defect: "makes up a score for a missing document",
      broken: provider({ score: fillMissing }),
      check: "refuses an answer with a missing document",
    },
    {
      defect: "takes NaN for zero",
      broken: provider({
        score: withScores((scores) =>
          scores.map(({ index, score }) => ({ index, score: Number.isNaN(score) ? 0 : score })),
        ),
      }),
      check: "refuses an answer with NaN for a score",
    },
    {
      defect: "forgives a document that came twice",
      broken: provider({
        score: withScores((scores) => [...new Map(scores.map((score) => [score.index, score])).values()]),
      }),
      check: "refuses an answer with a document twice",
    },
    {
      defect: "clamps indices",
      broken: provider({
        score: withScores((scores) => scores.map(({ index, score }) => ({ index: Math.min(index, 2), score }))),
      }),
      check: "refuses an answer with an index past the last document",
    },
    {
      defect: "takes an error for an empty ranking",
      broken: provider({ score: neverFail }),
      check: "refuses an error under status 200 in place of an answer",
    },
    {
      defect: "calls every failure its server's",
      broken: provider({ score: (target, call) => post(target, call).catch(() => fail("provider_failed", "failed")) }),
      check: "turns status 401 into provider_auth",
    },
    {
      defect: "loses Retry-After",
      broken: provider({
        score: (target, call) => post(target, call).catch(() => fail("provider_rate_limited", "slow down")),
      }),
      check: "carries the Retry-After of status 429",
    },
    {
      defect: "retries by itself",
      broken: provider({ score: (target, call) => post(target, call).catch(() => post(target, call)) }),
      check: "leaves retrying after status 500 to core",
    },
    {
      defect: "repeats what its server says",
      broken: provider({ score: quoteUpstream }),
      check: "repeats no key, query or document when status 400 quotes them",
    },
    {
      defect: "repeats a document it could not score",
      broken: provider({
        score: (target, call) =>
          post(target, call).catch(() => fail("provider_bad_response", `cannot score ${call.documents[0]}`)),
      }),
      check: "repeats no key, query or document when a nonsense answer quotes them",
    },
    {
      defect: "hides that nothing listens",
      broken: provider({ score: (target, call) => post(target, call).catch(() => fail("provider_failed", "failed")) }),
      check: "says that nothing listens at the address",
    },
    {
      defect: "cannot be stopped",
      broken: provider({ score: (target, call) => post(target, { ...call, signal: new AbortController().signal }) }),
      check: "ends with cancelled, and closes the connection, when the upstream is silent",
    },
    {
      defect: "sends before it looks at the signal",
      broken: provider({ score: (target, call) => post(target, { ...call, signal: new AbortController().signal }) }),
      check: "sends no documents when the call was given up before it began",
    },
    {
      defect: "follows redirects",
      broken: provider({ score: followRedirects }),
      check: "follows no redirect, which could carry the key away",
    },
  ])("$defect", async ({ broken, check }) => {
    await expect(run({ provider: broken, model: "plain", upstream }, check)).rejects.toThrow();
    await expect(run({ provider: provider(), model: "plain", upstream }, check)).resolves.toBeUndefined();
  });

  test("calls no server and gives other scores each time", async () => {
    const fickle = provider({
      score: async (_, { documents }) => ({
        scores: documents.map((_text, index) => ({ index, score: Math.random() })),
      }),
    });
    await expect(
      run({ provider: fickle, model: "offline" }, "gives the same scores every time, also to calls at the same time"),
    ).rejects.toThrow();
  });

  test("calls no server and cannot be stopped", async () => {
    const deaf = provider({
      score: async (_, { documents }) => ({ scores: documents.map((_text, index) => ({ index, score: 0 })) }),
    });
    await expect(
      run({ provider: deaf, model: "offline" }, "ends with cancelled when the call was given up before it began"),
    ).rejects.toThrow("should have failed");
  });
});

test("the suite says so when it does not find query and documents in any request", async () => {
  const lost: Upstream = {
    ...upstream,
    readRequest: ({ body }) => ({ query: body["question"], documents: body["passages"] }),
  };
  await expect(
    run({ provider: provider(), model: "plain", upstream: lost }, "sends the query and all documents in one exchange"),
  ).rejects.toThrow("readRequest must find query and documents in one of: POST /v1/rerank");
});

async function run(subject: ProviderSubject, name: string): Promise<void> {
  const check = checksFor(subject).find((candidate) => candidate.name === name);
  if (!check) throw new TypeError(`the suite has no check with the name "${name}"`);
  await check.run();
}

interface Parts {
  readonly score?: (target: Target, call: ScoreCall) => Promise<ScoreResult>;
  readonly profile?: (target: Target) => Profile;
}

const profile: Profile = {
  scoring: "pointwise",
  scoreKind: "probability",
  billing: "compute",
  fingerprint: "plain",
  limits: {},
};

/** A provider that does everything right, except what is given. */
function provider({ score = post, profile: profileOf = () => profile }: Parts = {}): Provider {
  return {
    name: "plain",
    connect: (target) => ({ profile: () => profileOf(target), score: (call) => score(target, call) }),
  };
}

async function post(target: Target, { query, documents, signal }: ScoreCall): Promise<ScoreResult> {
  return { scores: readScores(await request(target, { query, documents }, signal)) };
}

function request(target: Target, body: object, signal: AbortSignal): Promise<unknown> {
  return target.http.json(`${target.apiBase}/rerank`, {
    method: "POST",
    headers: { authorization: `Bearer ${target.apiKey}` },
    body,
    signal,
  });
}

function bareNumbers(scores: readonly Score[]): { body: unknown } {
  return { body: scores.map(({ score }) => score) };
}

async function scoreByLength(_target: Target, { documents, signal }: ScoreCall): Promise<ScoreResult> {
  signal.throwIfAborted();
  return { scores: documents.map((document, index) => ({ index, score: document.length })) };
}

async function scoreOneByOne(target: Target, call: ScoreCall): Promise<ScoreResult> {
  const results = await Promise.all(call.documents.map((document) => post(target, { ...call, documents: [document] })));
  return { scores: results.flatMap(({ scores }, index) => scores.map(({ score }) => ({ index, score }))) };
}

async function refuseInstruction(target: Target, call: ScoreCall): Promise<ScoreResult> {
  return call.params.instruction === undefined
    ? post(target, call)
    : fail("invalid_request", "instruction is not supported");
}

function scoreLastQuery(): (target: Target, call: ScoreCall) => Promise<ScoreResult> {
  let last: ScoreCall | undefined;
  return async (target, call) => {
    last = call;
    await Promise.resolve();
    return post(target, last);
  };
}

function withScores(
  change: (scores: readonly Score[]) => readonly Score[],
): (target: Target, call: ScoreCall) => Promise<ScoreResult> {
  return async (target, call) => ({ scores: change((await post(target, call)).scores) });
}

async function fillMissing(target: Target, call: ScoreCall): Promise<ScoreResult> {
  const { scores } = await post(target, call);
  const known = new Map(scores.map(({ index, score }) => [index, score]));
  return { scores: call.documents.map((_, index) => ({ index, score: known.get(index) ?? 0 })) };
}

async function neverFail(target: Target, call: ScoreCall): Promise<ScoreResult> {
  return post(target, call).catch(() => ({ scores: call.documents.map((_, index) => ({ index, score: 0 })) }));
}

async function quoteUpstream(target: Target, { query, documents, signal }: ScoreCall): Promise<ScoreResult> {
  const { status, body } = await target.http.request(`${target.apiBase}/rerank`, {
    method: "POST",
    body: { query, documents },
    signal,
  });
  return status < 400 ? { scores: readScores(body) } : fail("provider_rejected", JSON.stringify(body));
}

async function followRedirects(target: Target, { query, documents, signal }: ScoreCall): Promise<ScoreResult> {
  const answer = await fetch(`${target.apiBase}/rerank`, {
    method: "POST",
    body: JSON.stringify({ query, documents }),
    signal,
  });
  return { scores: readScores(await answer.json()) };
}

function fickleProfile(): () => Profile {
  let asked = 0;
  return () => ({ ...profile, fingerprint: `plain ${asked++}` });
}

function fail(
  code: "provider_failed" | "provider_rate_limited" | "provider_rejected" | "provider_bad_response" | "invalid_request",
  message: string,
): never {
  throw new DheeraError(code, message);
}
