import type { PlanInput } from "./plan.ts";

/** Below this many documents a call of its own costs more than it saves. */
export const fewestWorthSpreading = 8;
/** Room for the field names, brackets and options around the documents. */
export const envelopeBytes = 1_024;
/** Bytes of a UTF-16 unit in a JSON body at most: `\u001f`. */
const mostBytesPerUnit = 6;
/** Quotes and a comma. */
const bytesPerText = 3;

/** Whether one call holds everything for certain, so that there is nothing to plan. Bytes are not counted for this, only bounded. */
export function fitsOneCall({ query, texts, limits, spread }: PlanInput): boolean {
  if (Math.min(spread, Math.floor(texts.length / fewestWorthSpreading)) > 1) return false;
  if (texts.length > Math.min(limits.documentsPerCall ?? Infinity, limits.documentsInFlight ?? Infinity)) return false;
  if (limits.bytesPerCall === undefined) return true;
  const units = texts.reduce((total, text) => total + text.length, query.length);
  return units * mostBytesPerUnit + (texts.length + 1) * bytesPerText + envelopeBytes <= limits.bytesPerCall;
}
