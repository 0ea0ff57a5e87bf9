/** What a record has under an id that people chose, which may be `constructor`: every object has something of that name. */
export function ownValue<Value>(record: Readonly<Record<string, Value>> | undefined, id: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, id) ? record[id] : undefined;
}
