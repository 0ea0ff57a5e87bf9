interface Versions {
  readonly versions: readonly { readonly name: string; readonly folder: string }[];
}

/** Fills the choice of versions where there are several, and goes to the same page of the one that is chosen, or to its first page. */
export async function fillVersions(): Promise<void> {
  const selects = [...document.querySelectorAll<HTMLSelectElement>("select.versions")];
  const base = selects[0]?.dataset["base"];
  // A site at the root of its host has no folder above it, and no other versions.
  if (base === undefined || base === "/") return;
  const above = new URL("..", new URL(base, location.href));
  const list = await readVersions(new URL("versions.json", above));
  const here = base.split("/").findLast((part) => part !== "");
  for (const select of selects) {
    select.replaceChildren(...list.map(({ name, folder }) => new Option(name, folder, false, folder === here)));
    select.hidden = list.length < 2;
    select.addEventListener("change", () => void goTo(new URL(`${select.value}/`, above), base));
  }
}

async function goTo(version: URL, base: string): Promise<void> {
  const same = new URL(location.pathname.slice(base.length), version);
  const answer = await fetch(same, { method: "HEAD" }).catch(() => undefined);
  location.assign(answer?.ok === true ? same : version);
}

async function readVersions(url: URL): Promise<Versions["versions"]> {
  const answer = await fetch(url).catch(() => undefined);
  if (answer?.ok !== true) return [];
  const list: unknown = await answer.json();
  return isVersions(list) ? list.versions : [];
}

function isVersions(value: unknown): value is Versions {
  return typeof value === "object" && value !== null && "versions" in value && Array.isArray(value.versions);
}
