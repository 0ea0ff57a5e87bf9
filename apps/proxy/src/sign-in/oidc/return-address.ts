/** Where people go who asked for nothing else. */
export const firstPage = "/ui";

/**
 * An address of this proxy: what was asked for where that is one, else the first page. A link to the sign-in must not lead
 * people to another site, who trust where they land after it.
 * @param asked a path with query and fragment
 * @param baseUrl the proxy's own origin
 */
export function returnAddress(asked: string | null | undefined, baseUrl: string): URL {
  const first = new URL(firstPage, baseUrl);
  if (!asked?.startsWith("/") || asked.length > 1_000 || !URL.canParse(asked, baseUrl)) return first;
  const address = new URL(asked, baseUrl);
  return address.origin === first.origin ? address : first;
}
