import type { Price, Profile, Usage } from "../contract.ts";
import type { DheeraError, ErrorCode } from "../errors.ts";
import { networkCodeOf } from "../upstream/network-error.ts";

/** Documents of one search unit where the upstream bills per search. */
const documentsPerSearchUnit = 100;

/** The rule of upstreams that bill per search: one unit for each call and 100 documents begun. */
export function searchUnitsOf(documents: number): number {
  return Math.ceil(documents / documentsPerSearchUnit);
}

/**
 * What a call used and cost. Units that the upstream did not name follow from its rule where it bills, or is priced, per
 * search; the cost from its own figure, else from units and price. What neither tells stays absent.
 */
export function billed(usage: Usage = {}, documents: number, { billing, price = noPrice }: Profile): Usage {
  const { searchUnits = billing === "per-search" ? searchUnitsOf(documents) : undefined } = usage;
  const cost = usage.cost ?? costOf({ ...usage, searchUnits: searchUnits ?? searchUnitsOf(documents) }, price);
  return { ...usage, searchUnits, cost };
}

/** US dollars; undefined where a price is missing, or a figure that it multiplies. */
export function costOf(
  { searchUnits, inputTokens, outputTokens = 0 }: Usage,
  { perSearchUnit, perToken, perOutputToken }: Price,
): number | undefined {
  if (perSearchUnit === undefined && perToken === undefined) return undefined;
  const searches = times(searchUnits, perSearchUnit);
  const input = times(inputTokens, perToken);
  // A reranker writes no text: an upstream that counts tokens and names none of its answer bills none.
  const output = times(outputTokens, perOutputToken);
  if (searches === undefined || input === undefined || output === undefined) return undefined;
  return dollars(searches + input + output);
}

/** Adding and multiplying leaves digits behind that mean nothing: 0.1 + 0.2 is 0.3. */
export function dollars(amount: number): number {
  return Number(amount.toPrecision(15));
}

/** What has no price, or is free, costs nothing however much it is. */
function times(units: number | undefined, price = 0): number | undefined {
  return price === 0 ? 0 : units === undefined ? undefined : units * price;
}

const noPrice: Price = {};

/**
 * Whether a call that failed was certainly not billed: it was refused, or never reached the upstream. One that was given up
 * while the upstream worked, or whose answer could not be read, may have been.
 */
export function isUnbilled({ code, upstream, cause, defect }: DheeraError): boolean {
  if (upstream?.status !== undefined) return upstream.status >= 400;
  if (code === "provider_unreachable") return neverConnected.test(networkCodeOf(cause) ?? "");
  return !defect && !mayBeBilled.has(code);
}

const mayBeBilled: ReadonlySet<ErrorCode> = new Set([
  "timeout",
  "cancelled",
  "provider_failed",
  "provider_bad_response",
]);

/** Names of the network for a connection that was never made. */
const neverConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOST|ENETUNREACH|EADDRNOTAVAIL|ERR_INVALID_URL|UND_ERR_CONNECT_TIMEOUT|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_|ERR_TLS_|ConnectionRefused|FailedToOpenSocket)/;
