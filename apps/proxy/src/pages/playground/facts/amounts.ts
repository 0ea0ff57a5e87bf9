/** `38.1 ms`. */
export function milliseconds(value: number): string {
  return `${value.toLocaleString("en", { maximumSignificantDigits: 3 })} ms`;
}

/** `$0.002`. */
export function dollars(amount: number): string {
  return `$${amount.toLocaleString("en", { maximumSignificantDigits: 3 })}`;
}

/** `1 document`, `10,000 documents`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
}
