/** Bytes for people: `512 B`, `9.4 kB`, `91 MB`, `1.24 GB`. */
export function describeBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [unit = "B", size = 1] = units.find(([, least]) => bytes >= least * 0.9995) ?? [];
  return `${Number((bytes / size).toPrecision(3)).toLocaleString("en-US")} ${unit}`;
}

const units = [
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
] as const;
