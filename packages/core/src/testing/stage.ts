import type { Score, ScoreParams, Scorer, Target } from "../contract.ts";
import { type DheeraError, isDheeraError } from "../errors.ts";
import { checkScores } from "../upstream/check-scores.ts";
import { upstreamError } from "../upstream/upstream-error.ts";
import { type Reply, type ScriptedServer, withServer } from "./scripted-server.ts";
import type { ProviderSubject, Upstream, UpstreamAnswer, UpstreamRequest } from "./subject.ts";
import { testTarget } from "./test-target.ts";

/** Distinctive, so that finding one of them in a message is no coincidence. */
export const apiKey = "contract-key-3f9a1c";
export const query = "contract-query-7b2e";
export const documents: readonly string[] = Object.freeze([
  "contract-document-a",
  "contract-document-b",
  "contract-document-c",
]);

/** A subject that calls a server. */
export interface NetworkSubject extends ProviderSubject {
  readonly upstream: Upstream;
}

export function isNetworkSubject(subject: ProviderSubject): subject is NetworkSubject {
  return subject.upstream !== undefined;
}

/** A request for scores as it reached the server. */
export interface ScoreRequest extends UpstreamRequest {
  readonly query: string;
  readonly documents: readonly string[];
}

/** A provider connected to a scripted server. */
export interface Stage {
  readonly scorer: Scorer;
  readonly server: ScriptedServer;
  /** The requests for scores that arrived so far. */
  scoreRequests(): readonly ScoreRequest[];
  score(call?: Partial<CallOptions>): Promise<Float64Array>;
}

export interface CallOptions {
  readonly documents: readonly string[];
  readonly params: ScoreParams;
  readonly signal: AbortSignal;
}

/** Runs a check against a server that answers requests for scores as `reply` says: with the true scores when it is absent. */
export function onStage(
  subject: NetworkSubject,
  run: (stage: Stage) => Promise<void>,
  reply?: (request: ScoreRequest) => Reply,
): Promise<void> {
  const { upstream } = subject;
  const answer = reply ?? ((request) => upstream.answer(trueScores(request.documents.length), request));
  const onRequest = (request: UpstreamRequest): Reply => {
    const scoreRequest = asScoreRequest(upstream, request);
    return scoreRequest ? answer(scoreRequest) : (upstream.other?.(request) ?? notFound);
  };

  return withServer(onRequest, (server) => {
    const scorer = connect(subject, { apiBase: server.url + (upstream.path ?? ""), apiKey });
    return run({
      scorer,
      server,
      scoreRequests: () => server.requests.flatMap((request) => asScoreRequest(upstream, request) ?? []),
      score: (call) => score(subject, scorer, call),
    });
  });
}

export function connect(subject: ProviderSubject, place: Pick<Target, "apiBase" | "apiKey"> = {}): Scorer {
  return subject.provider.connect(testTarget({ model: subject.model, options: subject.options ?? {}, ...place }));
}

/** Scores as core does: asks for the profile, scores, turns whatever is thrown into a `DheeraError`, checks the result. */
export async function score(
  subject: ProviderSubject,
  scorer: Scorer,
  call: Partial<CallOptions> = {},
): Promise<Float64Array> {
  const asked = { query, documents, params: {}, providerOptions: {}, signal: new AbortController().signal, ...call };
  const result = await ask(subject, scorer, asked);
  return checkScores(result, asked.documents.length);
}

async function ask(
  subject: ProviderSubject,
  scorer: Scorer,
  call: Parameters<Scorer["score"]>[0],
): ReturnType<Scorer["score"]> {
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

/** What the scripted upstream thinks of each document: distinct, in 0..1, in no order. */
export function trueScores(count: number): readonly Score[] {
  return Array.from({ length: count }, (_, index) => ({ index, score: ((index * 7919 + count) % 10_007) / 10_007 }));
}

const notFound: UpstreamAnswer = { status: 404, body: { message: "not found" } };

function asScoreRequest(upstream: Upstream, request: UpstreamRequest): ScoreRequest | undefined {
  const sent = upstream.readRequest(request);
  if (typeof sent.query !== "string" || !isTexts(sent.documents)) return undefined;
  return { ...request, query: sent.query, documents: sent.documents };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
