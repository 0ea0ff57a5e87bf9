/** A client whose cases all passed. */
export interface WorkingClient {
  readonly package: string;
  /** What of it ranks, as Markdown. */
  readonly what: string;
  /** What makes it ask the proxy, as Markdown; `{proxy}` is the proxy's address. */
  readonly base: string;
  readonly version: string;
}

/** The table of the documentation. */
export function clientsTable(clients: readonly WorkingClient[]): string {
  const rows = clients.map(
    ({ package: name, what, base, version }) =>
      `| \`${name}\` | ${version} | ${what} | ${base.replaceAll("{proxy}", "<proxy>")} |`,
  );
  return [
    "| package | version | what ranks | what makes it ask the proxy |",
    "|---|---|---|---|",
    ...rows.toSorted(),
  ].join("\n");
}
