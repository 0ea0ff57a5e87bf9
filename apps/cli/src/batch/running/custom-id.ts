/** What a batch's `custom_id` says: the line of the input, and the caller's own id. */
export interface ItemId {
  readonly line: number;
  readonly id?: string | undefined;
  readonly isBatchLine: boolean;
}

/** `17`, `17:id`, or `17=id` of a line of OpenAI's batches: no two requests have the same, whatever ids the caller gives. */
export function customIdOf({ line, id, isBatchLine = false }: Omit<ItemId, "isBatchLine"> & Partial<ItemId>): string {
  return id === undefined ? String(line) : `${line}${isBatchLine ? "=" : ":"}${id}`;
}

/** Undefined for what is none of these. */
export function readCustomId(text: string): ItemId | undefined {
  const [, line, sign, id] = /^([1-9]\d{0,15})(?:([:=])(.*))?$/s.exec(text) ?? [];
  if (line === undefined) return undefined;
  return { line: Number(line), ...(id !== undefined && { id }), isBatchLine: sign === "=" };
}
