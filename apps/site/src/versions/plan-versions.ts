/** A version of the site: one for each minor version, of its newest tag. */
export interface SiteVersion {
  /** `0.2` */
  readonly name: string;
  /** Where it is: `v0.2`. */
  readonly folder: string;
  /** `0.2.3` */
  readonly version: string;
  readonly tag: string;
}

/**
 * The versions that tags call for, newest first. Tags are `v0.2.3`, or `dheera-ai@0.2.3` as Changesets writes them; those of other packages
 * and of prereleases are left out.
 */
export function planVersions(tags: readonly string[]): readonly SiteVersion[] {
  const released = tags.flatMap((tag) => {
    const [, major, minor, patch] = /^(?:v|dheera-ai@)(\d+)\.(\d+)\.(\d+)$/.exec(tag) ?? [];
    return patch === undefined ? [] : [{ tag, parts: [Number(major), Number(minor), Number(patch)] as const }];
  });
  const newestFirst = released.toSorted(
    ({ parts: one }, { parts: other }) => other[0] - one[0] || other[1] - one[1] || other[2] - one[2],
  );
  const byName = new Map<string, SiteVersion>();
  for (const { tag, parts } of newestFirst) {
    const name = `${parts[0]}.${parts[1]}`;
    if (!byName.has(name)) byName.set(name, { name, folder: `v${name}`, version: parts.join("."), tag });
  }
  return [...byName.values()];
}
