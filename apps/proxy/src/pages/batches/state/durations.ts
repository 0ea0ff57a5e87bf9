const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `3 minutes`, `1 hour 20 minutes`, `2 days`: of the two largest units, and of one from ten on. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const position = units.findIndex(([, size]) => whole >= size);
  const [unit, size] = units[position] ?? units[units.length - 1] ?? ["second", 1];
  const first = Math.floor(whole / size);
  const smaller = units[position + 1];
  const second = smaller && first < 10 ? Math.floor((whole % size) / smaller[1]) : 0;
  return [counted(first, unit), ...(smaller && second > 0 ? [counted(second, smaller[0])] : [])].join(" ");
}

/** `just now`, `4 minutes ago`. */
export function ageWords(seconds: number): string {
  if (seconds < 10) return "just now";
  const [unit, size] = units.find(([, one]) => seconds >= one) ?? ["second", 1];
  return `${counted(Math.floor(seconds / size), unit)} ago`;
}

/** `4.8 GB`, as files are measured on disks: 1 kB is 1,000 bytes. */
export function bytesWords(bytes: number): string {
  const steps = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(steps.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = (bytes / 1_000 ** power).toLocaleString("en", { maximumSignificantDigits: power === 0 ? 4 : 3 });
  return `${value} ${steps[power] ?? "bytes"}`;
}

/** `12,400`, `3.4`: whole from ten on. */
export function paceWords(pace: number): string {
  return pace.toLocaleString("en", { maximumFractionDigits: pace >= 10 ? 0 : 1 });
}

function counted(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? "" : "s"}`;
}
