import { createHmac } from "node:crypto";
import { connect } from "node:net";

import { describe, expect, test } from "vitest";

import type { Profile, Provider, Score, ScoreCall, ScoreResult, Target } from "./contract.ts";
import { DheeraError, type ErrorCode } from "./errors.ts";
import { isHttpError } from "./upstream/http-error.ts";
import { readScores } from "./upstream/read-scores.ts";
import { exchangedCredentials } from "./upstream/exchanged-credentials.ts";
import { providerChecks, testProvider } from "./contract-suite.ts";
import type { ProviderSubject, Upstream } from "./contract-suite/subject.ts";

const upstream: Upstream = {
  path: "/v1",
  readRequest: ({ body }) => ({ query: body["query"], documents: body["documents"] }),
  answer: (scores) => ({ body: { results: scores.map(({ index, score }) => ({ index, relevance_score: score })) } }),
};

const exchanging: Upstream = {
  ...upstream,
  credentials: "exchanged",
  exchange: {
    isExchange: ({ path }) => path.endsWith("/token"),
    answer: (token, expiresIn) => ({ body: { access_token: token, expires_in: expiresIn } }),
  },
};
const signing: Upstream = {
  ...upstream,
  credentials: "signed",
  signature: {
    header: "x-signature",
    verify: ({ headers, text }, key) => headers["x-signature"] === signatureOf(text, key),
  },
};
const counting: Upstream = {
  ...upstream,
  answer: (scores) => ({
    body: { scores: bare(scores), tokens: 42, price: 0.25 },
    usage: { inputTokens: 42, cost: 0.25 },
  }),
  answerWithoutUsage: (scores) => ({ body: { scores: bare(scores) } }),
  positional: true,
};
const splitting: Upstream = { ...upstream, exchanges: "many" };
const loading: Upstream = {
  ...upstream,
  starting: { status: 503, headers: { "retry-after": "30" }, body: { state: "loading" } },
};
const providerOptions = { accepted: [{}, { depth: 3 }], refused: [{ depth: "deep" }, { width: 1 }] };

const runner = { describe, test };
testProvider({ provider: provider(), model: "plain", upstream }, runner);
testProvider(
  { provider: provider(), model: "positional", upstream: { ...upstream, positional: true, answer: bareNumbers } },
  runner,
);
testProvider({ provider: provider({ score: scoreByLength }), model: "offline" }, runner);
testProvider({ provider: exchangingProvider(), model: "exchanging", upstream: exchanging }, runner);
testProvider({ provider: provider({ score: postSigned }), model: "signing", upstream: signing }, runner);
testProvider({ provider: provider({ score: postCounted }), model: "counting", upstream: counting }, runner);
testProvider({ provider: provider({ score: scoreOneByOne }), model: "splitting", upstream: splitting }, runner);
testProvider({ provider: provider({ score: postPatiently }), model: "loading", upstream: loading }, runner);
testProvider({ provider: optionsProvider(), model: "options", upstream, providerOptions }, runner);
testProvider({ provider: timingProvider(), model: "timing", upstream }, runner);

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
      defect: "says of its scores what is no kind",
      broken: provider({ profile: () => ({ ...profile, scoreKind: "percent" }) as unknown as Profile }),
      check: "gives a sound profile",
    },
    {
      defect: "sorts the documents it was given",
      broken: provider({ score: (target, call) => post(target, { ...call, documents: sorted(call.documents) }) }),
      check: "changes nothing of a call",
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
      check: "follows no redirect of a request for scores, which could carry the key away",
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

describe("the suite notices that a provider", () => {
  const exchangingSubject = { provider: exchangingProvider(), model: "exchanging", upstream: exchanging };
  const signingSubject = { provider: provider({ score: postSigned }), model: "signing", upstream: signing };
  const countingSubject = { provider: provider({ score: postCounted }), model: "counting", upstream: counting };
  const splittingSubject = { provider: provider({ score: scoreOneByOne }), model: "splitting", upstream: splitting };
  const loadingSubject = { provider: provider({ score: postPatiently }), model: "loading", upstream: loading };
  const optionsSubject = { provider: optionsProvider(), model: "options", upstream, providerOptions };
  const timingSubject = { provider: timingProvider(), model: "timing", upstream };

  test.each<{ defect: string; subject: ProviderSubject; broken: Provider; check: string }>([
    {
      defect: "sends its key where only the token should go",
      subject: exchangingSubject,
      broken: exchangingProvider({ headers: (token, key) => ({ authorization: `Bearer ${token}`, "x-key": key }) }),
      check: "exchanges its key, and sends with the documents what it got for it, never the key",
    },
    {
      defect: "exchanges its key for each call",
      subject: exchangingSubject,
      broken: exchangingProvider({ keeps: false }),
      check: "exchanges its key once for calls at the same time, and keeps the token for later ones",
    },
    {
      defect: "lets the exchange end with the call that began it",
      subject: exchangingSubject,
      broken: sharingProvider(),
      check: "finishes the exchange for the others when the call that began it is given up",
    },
    ...[400, 404].map((status) => ({
      defect: `takes status ${status} of the exchange for the documents' fault or the server's`,
      subject: exchangingSubject,
      broken: exchangingProvider({ keeps: false }),
      check: `turns status ${status} of the exchange into provider_auth, and sends no documents`,
    })),
    {
      defect: "loses the Retry-After of the exchange",
      subject: exchangingSubject,
      broken: exchangingProvider({ mend: () => fail("provider_rate_limited", "slow down") }),
      check: "carries the Retry-After of an exchange that is limited, and says that one failed",
    },
    {
      defect: "remembers an exchange that failed",
      subject: exchangingSubject,
      broken: sharingProvider(),
      check: "exchanges its key again after an exchange that failed",
    },
    {
      defect: "keeps a token that was refused",
      subject: exchangingSubject,
      broken: exchangingProvider({ invalidates: false }),
      check: "exchanges its key again after the upstream refused the token",
    },
    {
      defect: "keeps a token that has expired",
      subject: exchangingSubject,
      broken: exchangingProvider({ expires: false }),
      check: "asks for a new token before the old one expires",
    },
    {
      defect: "sends the key it should sign with",
      subject: signingSubject,
      broken: provider({ score: (target, call) => send(target, call, { "x-key": target.apiKey ?? "" }) }),
      check: "never sends its key",
    },
    {
      defect: "does not sign",
      subject: signingSubject,
      broken: provider({ score: (target, call) => send(target, call, {}) }),
      check: "signs each request for scores, body included",
    },
    {
      defect: "signs without the body",
      subject: signingSubject,
      broken: provider({ score: (target, call) => send(target, call, { "x-signature": "always" }) }),
      check: "signs each request for scores, body included",
    },
    {
      defect: "does not say whether it brings details",
      subject: { provider: provider(), model: "plain", upstream },
      broken: {
        name: "plain",
        connect: (target) => ({
          ...provider().connect(target),
          asksDetails: (_, { relevantSpans }) => relevantSpans as unknown as boolean,
        }),
      },
      check: "says of every call whether it brings details",
    },
    {
      defect: "loses what was billed",
      subject: countingSubject,
      broken: provider(),
      check: "gives the usage that the upstream billed, and none where it says nothing",
    },
    {
      defect: "makes up what was billed",
      subject: countingSubject,
      broken: provider({
        score: async (target, call) => ({ usage: { inputTokens: 42, cost: 0.25 }, ...(await post(target, call)) }),
      }),
      check: "invents no usage where the answer carries none",
    },
    {
      defect: "makes up usage of an upstream that never says any",
      subject: { ...countingSubject, upstream },
      broken: provider({
        score: async (target, call) => ({ usage: { searchUnits: 1 }, ...(await post(target, call)) }),
      }),
      check: "gives the usage that the upstream billed, and none where it says nothing",
    },
    {
      defect: "sends a document in two of its exchanges",
      subject: splittingSubject,
      broken: provider({
        score: async (target, call) => {
          await post(target, { ...call, documents: call.documents.slice(0, 1) });
          return scoreOneByOne(target, call);
        },
      }),
      check: "sends each document once, with the query, in one of several exchanges",
    },
    {
      defect: "takes a server that is loading for an overloaded one",
      subject: loadingSubject,
      broken: provider(),
      check: "says that its server is starting, and when to ask again",
    },
    {
      defect: "does not say when to ask again",
      subject: loadingSubject,
      broken: provider({
        score: (target, call) => post(target, call).catch(() => fail("provider_starting", "loading")),
      }),
      check: "says that its server is starting, and when to ask again",
    },
    {
      defect: "stays with what it found while the server was loading",
      subject: loadingSubject,
      broken: provider({ score: rememberFailure() }),
      check: "does not wait in its profile for a server that is starting, and works when it has started",
    },
    {
      defect: "does not say that it takes provider options",
      subject: optionsSubject,
      broken: provider(),
      check: "says that it takes provider options",
    },
    {
      defect: "takes provider options that its test does not know",
      subject: { ...optionsSubject, providerOptions: undefined },
      broken: optionsProvider(),
      check: "takes no provider options, or says which",
    },
    {
      defect: "refuses a right provider option",
      subject: optionsSubject,
      broken: optionsProvider(() => fail("invalid_request", "no")),
      check: "accepts its own provider options",
    },
    {
      defect: "accepts a wrong provider option",
      subject: optionsSubject,
      broken: optionsProvider(() => {}),
      check: "refuses wrong provider options by name, and sends nothing",
    },
    {
      defect: "does not name the wrong provider option",
      subject: optionsSubject,
      broken: optionsProvider((options) => {
        if (typeof options["depth"] !== "number") fail("invalid_request", "something is wrong");
      }),
      check: "refuses wrong provider options by name, and sends nothing",
    },
    {
      defect: "leaves a timer behind",
      subject: timingSubject,
      broken: timingProvider({ close: () => {} }),
      check: "leaves no timer behind when it is closed",
    },
    {
      defect: "cannot be closed twice",
      subject: timingSubject,
      broken: timingProvider({ close: closeOnce() }),
      check: "can be closed before its first call, and twice",
    },
    {
      defect: "leaves a connection behind",
      subject: timingSubject,
      broken: provider({ score: keepConnection }),
      check: "leaves no connection open when it is closed",
    },
    {
      defect: "refuses a call with a field that it does not know",
      subject: { ...timingSubject, model: "plain" },
      broken: provider({
        score: (target, call) =>
          "documentParts" in call ? fail("invalid_request", "what is this?") : post(target, call),
      }),
      check: "ignores fields of a call that it does not know",
    },
  ])("$defect", async ({ subject, broken, check }) => {
    await expect(run({ ...subject, provider: broken }, check)).rejects.toThrow();
    await expect(
      run(
        {
          ...subject,
          provider: subject.upstream === upstream && !subject.providerOptions ? provider() : subject.provider,
        },
        check,
      ),
    ).resolves.toBeUndefined();
  });

  test("lets calls after close hang", async () => {
    let isClosed = false;
    const broken = timingProvider({
      close: () => void (isClosed = true),
      score: (target, call) => (isClosed ? new Promise(() => {}) : post(target, call)),
    });
    await expect(run({ ...timingSubject, provider: broken }, "lets no call hang after it was closed")).rejects.toThrow(
      "neither succeeds nor fails",
    );
  });

  test("is said to exchange keys, but not how", () => {
    const { exchange: _, ...incomplete } = exchanging;
    expect(() => providerChecks({ ...exchangingSubject, upstream: incomplete })).toThrow("need upstream.exchange");
  });
});

describe("the suite says in one sentence that it finds no query and documents, in any test that fails for it", () => {
  const checks = [
    "sends the query and all documents in one exchange",
    "scores each document once",
    "changes nothing of a call",
    "keeps its fingerprint while its server stays the same",
    "sends the key it was given",
    "accepts scores in any order",
  ];
  const lost: readonly { given: string; readRequest: Upstream["readRequest"]; said: string }[] = [
    {
      given: "other keys",
      readRequest: ({ body }) => ({ query: body["question"], documents: body["passages"] }),
      said: "gave { query: undefined, documents: undefined }",
    },
    {
      given: "a list that is not of texts",
      readRequest: ({ body }) => ({ query: body["query"], documents: [body["documents"]] }),
      said: "gave { query: a text, documents: a list, but not of texts }",
    },
    {
      given: "an error",
      readRequest: ({ body }) => {
        const input: unknown = body["input"];
        if (input === undefined) throw new TypeError("contract-document-a is not there");
        return { query: input, documents: input };
      },
      said: "threw TypeError",
    },
  ];

  describe.each(lost)("where readRequest gives $given", ({ readRequest, said }) => {
    test.each(checks)("%s", async (check) => {
      const subject = { provider: provider(), model: "plain", upstream: { ...upstream, readRequest } };
      await expect(run(subject, check)).rejects.toThrow(
        `readRequest must give { query: a text, documents: a list of texts } for a request for scores; for POST /v1/rerank, whose body has the keys query, documents, it ${said}`,
      );
    });
  });
});

async function run(subject: ProviderSubject, name: string): Promise<void> {
  const check = providerChecks(subject).find((candidate) => candidate.name === name);
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

async function post(target: Target, call: ScoreCall): Promise<ScoreResult> {
  return send(target, call, { authorization: `Bearer ${target.apiKey}` });
}

async function send(
  { http, apiBase }: Target,
  { query, documents, signal }: ScoreCall,
  headers: Readonly<Record<string, string>>,
): Promise<ScoreResult> {
  const body = { query, documents };
  return { scores: readScores(await http.json(`${apiBase}/rerank`, { method: "POST", headers, body, signal })) };
}

/** As an upstream would that has the key too; not a signature to copy. */
function signatureOf(text: string, key = ""): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

function postSigned(target: Target, call: ScoreCall): Promise<ScoreResult> {
  const { query, documents } = call;
  return send(target, call, { "x-signature": signatureOf(JSON.stringify({ query, documents }), target.apiKey) });
}

async function postCounted(target: Target, { query, documents, signal }: ScoreCall): Promise<ScoreResult> {
  const headers = { authorization: `Bearer ${target.apiKey}` };
  const answer = await target.http.json(`${target.apiBase}/rerank`, {
    method: "POST",
    headers,
    body: { query, documents },
    signal,
  });
  const billed: { readonly tokens?: number; readonly price?: number } = Object(answer);
  return {
    scores: readScores(answer),
    ...(billed.tokens !== undefined && { usage: { inputTokens: billed.tokens, cost: billed.price } }),
  };
}

async function postPatiently(target: Target, call: ScoreCall): Promise<ScoreResult> {
  try {
    return await post(target, call);
  } catch (error) {
    if (!isHttpError(error) || Object(error.body).state !== "loading") throw error;
    throw new DheeraError("provider_starting", "the model is loading", { retryAfter: 30 });
  }
}

function rememberFailure(): (target: Target, call: ScoreCall) => Promise<ScoreResult> {
  let first: Promise<ScoreResult> | undefined;
  return (target, call) => (first ??= postPatiently(target, call));
}

interface Exchanging {
  /** false: it asks for a token each time, and lets the exchange's own errors through. */
  readonly keeps?: boolean;
  readonly invalidates?: boolean;
  readonly expires?: boolean;
  headers?(token: string, key: string): Readonly<Record<string, string>>;
  mend?(): never;
}

/** A provider that does everything right with its token, except what is given. */
function exchangingProvider({
  keeps = true,
  invalidates = true,
  expires = true,
  headers = (token) => ({ authorization: `Bearer ${token}` }),
  mend,
}: Exchanging = {}): Provider {
  return {
    name: "exchanging",
    connect: (target) => {
      const exchange = async (signal: AbortSignal): Promise<{ value: string; expiresIn?: number }> => {
        const { access_token: value, expires_in: expiresIn } = Object(await askToken(target, signal));
        return expires ? { value, expiresIn } : { value };
      };
      const credentials = exchangedCredentials({ provider: "exchanging", exchange });
      const tokenFor = async (signal: AbortSignal): Promise<string> =>
        keeps ? credentials.get(signal) : (await exchange(signal)).value;
      return {
        profile: () => profile,
        close: () => credentials.close(),
        score: async (call) => {
          const token = await tokenFor(call.signal).catch((error: unknown) => {
            if (mend) mend();
            throw error;
          });
          try {
            return await send(target, call, headers(token, target.apiKey ?? ""));
          } catch (error) {
            if (invalidates && isHttpError(error) && error.status === 401) credentials.invalidate(token);
            throw error;
          }
        },
      };
    },
  };
}

/** Shares the exchange of the first call, that call's signal and failure included. */
function sharingProvider(): Provider {
  return {
    name: "sharing",
    connect: (target) => {
      let token: Promise<unknown> | undefined;
      return {
        profile: () => profile,
        score: async (call) => {
          const { access_token: value } = Object(await (token ??= askToken(target, call.signal)));
          return send(target, call, { authorization: `Bearer ${value}` });
        },
      };
    },
  };
}

function askToken({ http, apiBase, apiKey }: Target, signal: AbortSignal): Promise<unknown> {
  return http.json(`${apiBase}/token`, { method: "POST", body: { key: apiKey }, signal });
}

function optionsProvider(check: (options: ScoreCall["providerOptions"]) => void = checkOptions): Provider {
  return {
    name: "options",
    connect: (target) => ({
      takesProviderOptions: true,
      profile: () => profile,
      score: async (call) => {
        check(call.providerOptions);
        return post(target, call);
      },
    }),
  };
}

function checkOptions(options: ScoreCall["providerOptions"]): void {
  for (const [key, value] of Object.entries(options))
    if (key !== "depth" || typeof value !== "number")
      throw new DheeraError("invalid_request", `${key} is no option`, { param: `provider_options.options.${key}` });
}

/** A provider that does something every minute until it is closed. */
function timingProvider({ close, score = post }: { close?: () => void } & Pick<Parts, "score"> = {}): Provider {
  return {
    name: "timing",
    connect: (target) => {
      const timer = setInterval(() => {}, 60_000);
      // A broken one must not keep the test's process alive for ever.
      if (close) setTimeout(() => clearInterval(timer), 10_000);
      return {
        profile: () => profile,
        score: (call) => score(target, call),
        close: close ?? (() => clearInterval(timer)),
      };
    },
  };
}

function closeOnce(): () => void {
  let closed = 0;
  return () => {
    if (closed++ > 0) throw new Error("closed already");
  };
}

async function keepConnection(target: Target, call: ScoreCall): Promise<ScoreResult> {
  const { hostname, port } = new URL(target.apiBase ?? "");
  connect(Number(port), hostname).unref();
  return post(target, call);
}

function bare(scores: readonly Score[]): readonly number[] {
  return scores.map(({ score }) => score);
}

function bareNumbers(scores: readonly Score[]): { body: unknown } {
  return { body: bare(scores) };
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

function fail(code: ErrorCode, message: string): never {
  throw new DheeraError(code, message);
}

/** What careless JavaScript does to a list that its types call read-only. */
function sorted(documents: readonly string[]): readonly string[] {
  return (documents as string[]).sort();
}
