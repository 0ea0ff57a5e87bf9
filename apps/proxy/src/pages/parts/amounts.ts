/** `$1,204.50`, `$0.0042`, `$0`: to the cent from a dollar on, to three digits below. */
export function dollars(amount: number): string {
  if (amount === 0) return "$0";
  if (amount < 0) return `−${dollars(-amount)}`;
  if (amount >= 1) return `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `$${amount.toLocaleString("en", { maximumSignificantDigits: 3, maximumFractionDigits: 12 })}`;
}

/** `12,400`. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** For the axis of a chart: `1.2k`, `$40`. */
export function shortCount(value: number): string {
  return value.toLocaleString("en", { notation: "compact", maximumFractionDigits: 1 });
}

export function shortDollars(value: number): string {
  if (value >= 1_000) return `$${shortCount(value)}`;
  return `$${value.toLocaleString("en", { maximumSignificantDigits: 2, maximumFractionDigits: 12 })}`;
}

/** `1 key`, `12 keys`. */
export function counted(value: number, thing: string, things: string = `${thing}s`): string {
  return `${count(value)} ${value === 1 ? thing : things}`;
}

/** `27 Nov 2026, 14:05` in the reader's own time, from what the proxy writes. */
export function dateTime(value: string | number): string {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) return String(value);
  return time.toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}
