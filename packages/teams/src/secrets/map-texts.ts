/**
 * A copy of JSON data in which each text is what `change` makes of it.
 * @param path where the data stands, for `change`: names and positions joined by dots
 */
export function mapTexts(data: unknown, change: (text: string, path: string) => string, path = ""): unknown {
  if (typeof data === "string") return change(data, path);
  const within = (name: string | number): string => (path === "" ? String(name) : `${path}.${name}`);
  if (Array.isArray(data)) return data.map((item: unknown, index) => mapTexts(item, change, within(index)));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, mapTexts(value, change, within(name))]));
}
