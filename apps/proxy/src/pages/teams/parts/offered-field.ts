import { choiceField, textField } from "../../parts/fields.ts";

/** One of what there is, or none: a list to choose from, or, where it would be endless, a field for an id with the latest as offers. */
export function offeredField(
  name: string,
  label: string,
  known: readonly (readonly [id: string, words: string])[],
  hasMore: boolean,
  chosen?: string,
): HTMLElement {
  if (!hasMore) return choiceField(name, label, [["", "none"], ...known], chosen);
  return textField(name, { label, hint: "An id; empty for none.", value: chosen, offers: known.map(([id]) => id) });
}
