import type { Score, ScoreCall, Scorer, ScoreResult } from "../contract.ts";
import { type DheeraError, isDheeraError } from "../errors.ts";
import { shortHash } from "../lib/short-hash.ts";
import { checkResult } from "../provider/check-result.ts";
import { upstreamError } from "../upstream/upstream-error.ts";
import { asScoreRequest, type ScoreRequest, whyUnread } from "./score-request.ts";
import { type Reply, type ScriptedServer, withServer } from "./scripted-server.ts";
import type { ProviderSubject, Upstream, UpstreamAnswer, UpstreamRequest } from "./subject.ts";
import { testTarget } from "./test-target.ts";

/** Distinctive, so that finding one of them in a message is no coincidence. */
const distinctiveKey = "contract-key-3f9a1c";
const distinctiveToken = "contract-token-5d80e2";
export const query = "contract-query-7b2e";
export const documents: readonly string[] = Object.freeze([
  "contract-document-a",
  "contract-document-b",
  "contract-document-c",
]);

/** Seconds that a token of the suite's server holds, where a check says nothing else. */
const tokenLife = 3600;

/** A subject that calls a server. */
export interface NetworkSubject extends ProviderSubject {
  readonly upstream: Upstream;
}

export function isNetworkSubject(subject: ProviderSubject): subject is NetworkSubject {
  return subject.upstream !== undefined;
}

/** A provider connected to a scripted server. */
export interface Stage {
  readonly scorer: Scorer;
  readonly server: ScriptedServer;
  /** The requests for scores that arrived so far. */
  scoreRequests(): readonly ScoreRequest[];
  /** The requests for a token that arrived so far. */
  exchangeRequests(): readonly UpstreamRequest[];
  score(call?: Partial<ScoreCall>): Promise<Float64Array>;
  /** The provider's own result, unchecked. */
  result(call?: Partial<ScoreCall>): Promise<ScoreResult>;
}

/** What the server answers instead of what is right. */
export interface Replies {
  /** To requests for scores; the true scores where it gives nothing. */
  scores?(request: ScoreRequest): Reply | undefined;
  /** To the exchange of a key, which is the given number; a token when absent. */
  exchange?(request: UpstreamRequest, number: number): Reply | Promise<Reply>;
  /** To everything, whatever it is for, unless it gives nothing. */
  all?(request: UpstreamRequest): Reply | undefined;
}

/** Runs a check against a server, and closes the provider's scorer afterwards. */
export function onStage(
  subject: NetworkSubject,
  run: (stage: Stage) => Promise<void>,
  replies: Replies | Replies["scores"] = {},
): Promise<void> {
  const { upstream } = subject;
  const { scores, exchange, all }: Replies = typeof replies === "function" ? { scores: replies } : replies;
  const isExchange = (request: UpstreamRequest): boolean => upstream.exchange?.isExchange(request) ?? false;
  let exchanges = 0;

  const onRequest = (request: UpstreamRequest): Reply | Promise<Reply> => {
    const toAll = all?.(request);
    if (toAll) return toAll;
    if (upstream.exchange && isExchange(request)) {
      const number = ++exchanges;
      return exchange?.(request, number) ?? upstream.exchange.answer(tokenOf(number), tokenLife);
    }
    const scoreRequest = asScoreRequest(upstream, request);
    if (!scoreRequest) return upstream.other?.(request) ?? notFound;
    return scores?.(scoreRequest) ?? upstream.answer(trueScores(scoreRequest.documents), scoreRequest);
  };

  return withServer(onRequest, async (server) => {
    const scorer = connect(subject, server.url);
    try {
      await run({
        scorer,
        server,
        scoreRequests: () =>
          server.requests.flatMap((request) => (isExchange(request) ? [] : (asScoreRequest(upstream, request) ?? []))),
        exchangeRequests: () => server.requests.filter(isExchange),
        score: (call) => score(subject, scorer, call),
        result: (call) => ask(subject, scorer, callOf(call)),
      });
    } catch (error) {
      const unread = all
        ? undefined
        : whyUnread(
            upstream,
            server.requests.filter((request) => !isExchange(request)),
          );
      throw unread === undefined ? error : new Error(unread);
    } finally {
      await scorer.close?.();
    }
  });
}

/** The key that this subject is connected with. */
export function keyOf({ apiKey = distinctiveKey }: ProviderSubject): string {
  return apiKey;
}

/** The token that an exchange of the suite's server gives, counted from 1. */
export function tokenOf(number: number): string {
  return `${distinctiveToken}-${number}`;
}

/** @param url The server's, where there is one. */
export function connect(subject: ProviderSubject, url?: string): Scorer {
  const { provider, model, options = {}, upstream } = subject;
  const apiKey = keyOf(subject);
  return provider.connect(
    testTarget({
      model,
      options: typeof options === "function" ? options({ url: url ?? "", apiKey }) : options,
      ...(url !== undefined && { apiBase: url + (upstream?.path ?? ""), apiKey }),
    }),
  );
}

/**
 * Scores as core does: asks for the profile, scores, turns whatever is thrown into a `DheeraError`, checks the result.
 */
export async function score(
  subject: ProviderSubject,
  scorer: Scorer,
  call: Partial<ScoreCall> = {},
): Promise<Float64Array> {
  const asked = callOf(call);
  return checkResult(await ask(subject, scorer, asked), asked.documents.length, subject.provider.name).scores;
}

function callOf(call: Partial<ScoreCall> = {}): ScoreCall {
  return { query, documents, params: {}, providerOptions: {}, signal: new AbortController().signal, ...call };
}

async function ask(subject: ProviderSubject, scorer: Scorer, call: ScoreCall): Promise<ScoreResult> {
  try {
    await scorer.profile(call.signal);
    return await scorer.score(call);
  } catch (error) {
    throw upstreamError(error, subject.provider.name, call.signal);
  }
}

/** The error something ends with; fails when it does not. */
export async function failureOf(outcome: Promise<unknown>): Promise<DheeraError> {
  try {
    await outcome;
  } catch (error) {
    if (isDheeraError(error)) return error;
    throw error;
  }
  throw new Error("this should have failed, but it gave scores");
}

/**
 * What the scripted upstream thinks of each document: in 0..1, in no order, and the same wherever the document stands.
 */
export function trueScores(texts: readonly string[]): readonly Score[] {
  return texts.map((text, index) => ({ index, score: (Number.parseInt(shortHash(text), 16) % 1_000_003) / 1_000_003 }));
}

/** A promise that settles, or an error that says what did not happen: long after it would have on a busy machine. */
export function promptly<T>(promise: Promise<T>, otherwise: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(otherwise)), 20_000);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const notFound: UpstreamAnswer = { status: 404, body: { message: "not found" } };
