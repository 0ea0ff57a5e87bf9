import type { Limits } from "../contract.ts";
import { cautiousTokens, mostCautiousTokensPerUnit } from "./cautious-tokens.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { jsonBytes, mostJsonBytes } from "./json-bytes.ts";
import { MinHeap } from "./min-heap.ts";

export interface PlanInput {
  readonly query: string;
  readonly texts: readonly string[];
  readonly limits: Limits;
  /** How many deployments may work at once. */
  readonly spread: number;
  /** The server pads a batch to its longest document. */
  readonly pads: boolean;
}

/** Positions in `texts` that go into one call. */
export type Batch = readonly number[];

/** Below this many documents a call of its own costs more than it saves. */
export const fewestWorthSpreading = 8;
/** Room for the field names, brackets and options around the documents. */
export const envelopeBytes = 1_024;
const separatorBytes = 1;

/**
 * Splits documents into the fewest balanced batches that respect the limits and keep every deployment busy: longest
 * first onto the least loaded batch, or neighbours in length together where the server pads. Pure. Each position is in
 * exactly one batch; a text that is larger than `bytesPerCall` or `tokensPerCall` by itself gets a batch of its own, and
 * the server has the last word. The heaviest batch comes first.
 */
export function planBatches(input: PlanInput): readonly Batch[] {
  const { texts, limits } = input;
  const room = roomOf(input);
  const bytes = measureBytes(texts, room);
  const tokens = fitsTokensPerCall(input) ? undefined : tokensOfDocuments(input);
  const fewest = Math.max(
    Math.ceil(texts.length / room.documents),
    bytes ? Math.ceil(sum(bytes) / room.bytes) : 1,
    tokens ? Math.ceil(sum(tokens) / room.tokens) : 1,
    Math.min(input.spread, Math.floor(texts.length / fewestWorthSpreading)),
  );
  if (fewest <= 1) return [inOneCall(input)];

  const most = limits.tokensPerDocument ?? Infinity;
  const weights = texts.map((text) => Math.min(estimateTokens(text), most));
  const longestFirst = weights.map((_, position) => position).sort((a, b) => at(weights, b) - at(weights, a) || a - b);
  const items = longestFirst.map((position) => ({
    position,
    weight: at(weights, position),
    bytes: bytes ? at(bytes, position) : 0,
    tokens: tokens ? at(tokens, position) : 0,
  }));
  return input.pads ? groupNeighbours(items, fewest, room) : levelLoads(items, fewest, room);
}

interface Room {
  readonly documents: number;
  readonly bytes: number;
  readonly tokens: number;
}

interface Item {
  readonly position: number;
  /** Estimated tokens. */
  readonly weight: number;
  readonly bytes: number;
  /** Tokens with the query, rather too many than too few; 0 where no call can have too many. */
  readonly tokens: number;
}

interface Load {
  readonly positions: number[];
  weight: number;
  bytes: number;
  tokens: number;
}

function roomOf({ limits, query }: PlanInput): Room {
  const documents = Math.max(1, Math.min(limits.documentsPerCall ?? Infinity, limits.documentsInFlight ?? Infinity));
  return { documents, bytes: bytesForDocuments(limits, query), tokens: limits.tokensPerCall ?? Infinity };
}

/** Bytes that a call has for its documents. */
export function bytesForDocuments({ bytesPerCall }: Limits, query: string): number {
  return bytesPerCall === undefined ? Infinity : Math.max(1, bytesPerCall - envelopeBytes - jsonBytes(query));
}

/** Bytes of each text in a body, or nothing when no call can become too large for certain. */
function measureBytes(texts: readonly string[], room: Room): readonly number[] | undefined {
  let total = 0;
  let longest = 0;
  for (const text of texts) {
    const most = mostJsonBytes(text) + separatorBytes;
    total += most;
    longest = Math.max(longest, most);
  }
  if (Math.min(total, longest * room.documents) <= room.bytes) return undefined;
  return texts.map((text) => jsonBytes(text) + separatorBytes);
}

/** Tokens that a server adds around a pair, such as the separator between query and document. */
const specialTokens = 4;

/** Whether all texts together have fewer tokens than a call may have, judged by their length alone. */
export function fitsTokensPerCall({ query, texts, limits: { tokensPerCall } }: PlanInput): boolean {
  if (tokensPerCall === undefined) return true;
  let units = query.length * texts.length;
  for (const text of texts) units += text.length;
  return units * mostCautiousTokensPerUnit + texts.length * (specialTokens + 2) <= tokensPerCall;
}

/** Of each text with the query, which counts once for each; no more than what the server reads of both. */
function tokensOfDocuments({ query, texts, limits }: PlanInput): readonly number[] {
  const most = limits.tokensPerDocument ?? Infinity;
  const ofQuery = cautiousTokens(query) + specialTokens;
  return texts.map((text) => Math.min(ofQuery + cautiousTokens(text), most));
}

/** Longest processing time first: each item onto the lightest batch that has room. */
function levelLoads(items: readonly Item[], fewest: number, room: Room): readonly Batch[] {
  const loads: Load[] = Array.from({ length: fewest }, newLoad);
  const open = new MinHeap(loads);
  for (const item of items) {
    const passed: Load[] = [];
    let load = open.take();
    while (load && !hasRoomFor(load, item, room)) {
      passed.push(load);
      load = open.take();
    }
    load ??= openLoad(loads);
    load.positions.push(item.position);
    load.weight += item.weight;
    load.bytes += item.bytes;
    load.tokens += item.tokens;
    if (load.positions.length < room.documents) open.put(load);
    for (const other of passed) open.put(other);
  }
  return inOrder(loads.filter(({ positions }) => positions.length > 0));
}

function hasRoomFor({ positions, bytes, tokens }: Load, item: Item, room: Room): boolean {
  return positions.length === 0 || (bytes + item.bytes <= room.bytes && tokens + item.tokens <= room.tokens);
}

/**
 * A padded batch costs its longest text times its count: neighbours in length together, at the lowest cost ceiling that
 * needs no more batches.
 */
function groupNeighbours(items: readonly Item[], fewest: number, room: Room): readonly Batch[] {
  const unlimited = cutWhere(items, room, Infinity);
  const allowed = Math.max(fewest, unlimited.length);
  let low = 0;
  let high = items.length * (items[0]?.weight ?? 1);
  let best = unlimited;
  // Twenty halvings leave the ceiling within a millionth of its range.
  for (let step = 0; step < 20 && low < high; step++) {
    const ceiling = (low + high) / 2;
    const groups = cutWhere(items, room, ceiling);
    if (groups.length <= allowed) {
      best = groups;
      high = ceiling;
    } else low = ceiling;
  }
  // Within a call too: the server takes the texts that wait in their order, and no more than it computes at one time.
  return heaviestFirst(best).map(({ positions }) => positions);
}

/** Texts below which their order in a call hardly matters: a server that takes four at a time computes them in a few turns. */
export const fewestWorthOrdering = 16;

/** All texts in one call: in their order, or neighbours in length beside each other where the server pads. */
export function inOneCall({ texts, pads }: PlanInput): Batch {
  const positions = texts.map((_, position) => position);
  if (!pads || texts.length < fewestWorthOrdering) return positions;
  return positions.sort((a, b) => (texts[b]?.length ?? 0) - (texts[a]?.length ?? 0) || a - b);
}

function cutWhere(items: readonly Item[], room: Room, ceiling: number): readonly Load[] {
  const loads: Load[] = [];
  let load: Load | undefined;
  let longest = 0;
  for (const item of items) {
    const fits =
      load &&
      load.positions.length < room.documents &&
      load.bytes + item.bytes <= room.bytes &&
      load.tokens + item.tokens <= room.tokens &&
      longest * (load.positions.length + 1) <= ceiling;
    if (!load || !fits) {
      load = openLoad(loads);
      longest = item.weight;
    }
    load.positions.push(item.position);
    load.weight = longest * load.positions.length;
    load.bytes += item.bytes;
    load.tokens += item.tokens;
  }
  return loads;
}

function newLoad(): Load {
  return { positions: [], weight: 0, bytes: 0, tokens: 0 };
}

function openLoad(loads: Load[]): Load {
  const load = newLoad();
  loads.push(load);
  return load;
}

function inOrder(loads: readonly Load[]): readonly Batch[] {
  return heaviestFirst(loads).map((load) => load.positions.sort((a, b) => a - b));
}

function heaviestFirst(loads: readonly Load[]): readonly Load[] {
  return loads.toSorted((a, b) => b.weight - a.weight);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}

function at(numbers: readonly number[], position: number): number {
  return numbers[position] ?? 0;
}
