import type { Profile } from "@dheera-ai/core";

/** A request as far as its cost depends on it. */
export interface PricedRequest {
  readonly query: string;
  readonly documents: readonly string[];
}

/** How one model's requests are billed, as far as it is known before one is made. */
export interface Billing {
  readonly profile: Pick<Profile, "scoring" | "billing" | "price" | "limits">;
  /** How often one call may be made at most: the first time, retries, hedges. */
  readonly attempts: number;
  /** Deployments over which a request may be spread. */
  readonly replicas: number;
  /** Parts of a long document that are scored at most, each with the query; default 1. */
  readonly chunksPerDocument?: number | undefined;
}

/**
 * US dollars that a request costs at most: every attempt is billed, each byte of a text is a token, and documents are
 * spread over as many calls as the known limits can force. Undefined where nothing bounds it: no price is known, or the
 * model writes text, or reads each document several times.
 */
export function worstCost(whole: PricedRequest, billing: Billing): number | undefined {
  const request = chunked(whole, billing);
  const { price, scoring } = billing.profile;
  const { perSearchUnit = 0, perToken = 0, perOutputToken = 0 } = price ?? {};
  if (price?.perSearchUnit === undefined && price?.perToken === undefined) return undefined;
  if (perOutputToken > 0 || (scoring === "listwise" && perToken > 0)) return undefined;
  const searches = perSearchUnit === 0 ? 0 : mostSearches(request, billing);
  const tokens = perToken === 0 ? 0 : mostTokens(request);
  return billing.attempts * (searches * perSearchUnit + tokens * perToken);
}

/**
 * The request with as many documents as are scored, where long ones are split. Chunks overlap, and none is longer than its
 * document.
 */
function chunked(request: PricedRequest, { chunksPerDocument = 1, profile }: Billing): PricedRequest {
  const { scoring, limits } = profile;
  const { tokensPerDocument } = limits;
  if (chunksPerDocument === 1 || scoring === "listwise" || tokensPerDocument === undefined) return request;
  const { query, documents } = request;
  // No estimate makes more than two tokens of a byte.
  const isSplit = (text: string): boolean => 2 * (bytesOf(query) + bytesOf(text)) + specialTokens > tokensPerDocument;
  const parts = (text: string): readonly string[] =>
    isSplit(text) ? Array.from({ length: chunksPerDocument }, () => text) : [text];
  return { query, documents: documents.flatMap(parts) };
}

/**
 * Upstreams that bill per search count one for each call and 100 documents begun, and some of them (Cohere) a long
 * document as several, of 500 tokens with the query.
 */
function mostSearches(request: PricedRequest, billing: Billing): number {
  const { query, documents } = request;
  const ofQuery = bytesOf(query);
  const counted = sum(documents, (text) => Math.ceil((ofQuery + bytesOf(text) + 1) / bytesPerCountedDocument));
  const calls = Math.min(documents.length, mostCalls(request, billing));
  return calls + Math.max(0, Math.floor((counted - calls) / documentsPerSearchUnit));
}

const documentsPerSearchUnit = 100;
const bytesPerCountedDocument = 1_000;

/**
 * Calls of one attempt. Whoever packs texts into calls opens another one only for a text that has room in none, so any
 * two are together more than full: twice as many as full ones would be, and one.
 */
function mostCalls({ query, documents }: PricedRequest, { profile, replicas }: Billing): number {
  const { limits, billing } = profile;
  const perCall = Math.min(limits.documentsPerCall ?? Infinity, limits.documentsInFlight ?? Infinity);
  const byCount = Math.ceil(documents.length / perCall);
  const roomForBytes = limits.bytesPerCall && limits.bytesPerCall - jsonBytes(query) - envelopeBytes;
  const byBytes = twice(sum(documents, jsonBytes), roomForBytes);
  const byTokens = twice(mostTokens({ query, documents }), limits.tokensPerCall);
  // Only where a search is not what is billed, documents go to several replicas, and refused ones are found by halves.
  const others = billing === "per-search" ? 0 : replicas + Math.ceil(Math.log2(documents.length + 1));
  return Math.max(byCount, byBytes, byTokens) + others;
}

const envelopeBytes = 1_024;

function twice(total: number, room: number | undefined): number {
  if (room === undefined || total <= room) return 1;
  return room <= 0 ? Infinity : Math.ceil((2 * total) / room) + 1;
}

/** A tokenizer makes a token of a byte at worst; some around each pair separate its parts. */
function mostTokens({ query, documents }: PricedRequest): number {
  const ofQuery = bytesOf(query) + specialTokens;
  return sum(documents, (text) => ofQuery + bytesOf(text));
}

const specialTokens = 16;

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) + 1;
}

function sum(texts: readonly string[], of: (text: string) => number): number {
  return texts.reduce((total, text) => total + of(text), 0);
}
