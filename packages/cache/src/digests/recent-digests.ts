/** Characters of scopes and documents that are kept; beyond them the scopes least recently used are let go. */
const mostCharacters = 4_000_000;
/** V8 hashes longer strings by their length alone: a Map full of them would compare each with all, which is a way to stall the process. */
const longestKept = 16_000;

/** Documents of one scope and the digests of their pairs. */
interface Kept {
  readonly digests: Map<string, string>;
  characters: number;
}

/**
 * Digests of pairs found by the text itself, which takes a fraction of the time of SHA-256. A Map compares the texts, so that it never takes one for
 * another. Only what was found in the cache is kept: what a request wants nobody to store is not.
 */
export class RecentDigests {
  /** By the name of the scope, least recently used first. */
  readonly #scopes = new Map<string, Kept>();
  #characters = 0;

  /** What is kept of a scope, which counts as used now. */
  of(scope: string): ReadonlyMap<string, string> | undefined {
    const kept = this.#scopes.get(scope);
    if (!kept) return undefined;
    this.#scopes.delete(scope);
    this.#scopes.set(scope, kept);
    return kept.digests;
  }

  /** Keeps the digests of documents whose score is known. */
  keep(scope: string, documents: readonly string[], digests: readonly string[], scores: Float64Array): void {
    if (scope.length > longestKept) return;
    const kept = this.#scopes.get(scope) ?? { digests: new Map<string, string>(), characters: scope.length };
    for (const [position, document] of documents.entries()) {
      const digest = digests[position];
      if (digest === undefined || Number.isNaN(scores[position]) || document.length > longestKept) continue;
      if (kept.characters + document.length > mostCharacters || kept.digests.has(document)) continue;
      kept.digests.set(document, digest);
      kept.characters += document.length;
      this.#characters += document.length;
    }
    if (kept.digests.size === 0) return;
    if (!this.#scopes.has(scope)) this.#characters += scope.length;
    this.#scopes.set(scope, kept);
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (const [scope, { characters }] of this.#scopes) {
      if (this.#characters <= mostCharacters) return;
      this.#scopes.delete(scope);
      this.#characters -= characters;
    }
  }
}
