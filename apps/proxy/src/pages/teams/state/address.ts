/** The sections of the page, by their names in its address. */
export const sectionNames = [
  "overview",
  "keys",
  "teams",
  "users",
  "organizations",
  "budgets",
  "models",
  "webhooks",
  "audit",
] as const;
export type SectionName = (typeof sectionNames)[number];

/** What the page shows: kept in the fragment of its address, so that it can be linked, reloaded and gone back to. */
export interface Address {
  readonly section: SectionName;
  /** Of one key, team or user; all of them when absent. */
  readonly id?: string;
  /** What was searched for, the page of a list, the time that is shown. */
  readonly choices: Readonly<Record<string, string>>;
}

/** @param fragment with or without `#`; anything that is no address is the overview */
export function readAddress(fragment: string): Address {
  const [path = "", query = ""] = fragment.replace(/^#?\/?/, "").split("?", 2);
  const [name, ...rest] = path.split("/");
  const section = sectionNames.find((known) => known === name) ?? "overview";
  const id = decoded(rest.join("/"));
  return {
    section,
    ...(id !== "" && section === name && { id }),
    choices: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** A fragment, which begins with `#`. */
export function writeAddress({ section, id, choices = {} }: Omit<Address, "choices"> & Partial<Address>): string {
  const given = Object.entries(choices).filter(([, value]) => value !== "");
  const query = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  return `#/${section}${id === undefined ? "" : `/${encodeURIComponent(id)}`}${query}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
