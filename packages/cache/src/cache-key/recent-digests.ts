/** Characters of scopes and documents that are kept; beyond them the least recently used scopes are dropped. */
const maxCharacters = 4_000_000;
/**
 * V8 hashes longer strings by their length alone: a Map full of them would compare each with all, which is a way to
 * stall the process.
 */
const maxTextLength = 16_000;

/** Documents of one scope and the digests of their pairs. */
interface Kept {
  readonly digests: Map<string, string>;
  characters: number;
}

/**
 * Digests of pairs found by the text itself, which takes a fraction of the time of SHA-256. A Map compares the texts,
 * so that two texts are never confused. Only digests of documents whose score is in the cache are kept: documents that
 * a request keeps out of the cache stay out of here too.
 */
export class RecentDigests {
  /** By the name of the scope, least recently used first. */
  readonly #scopes = new Map<string, Kept>();
  #characters = 0;

  /** Digests of a scope by document; the scope counts as used now. */
  of(scope: string): ReadonlyMap<string, string> | undefined {
    const kept = this.#scopes.get(scope);
    if (!kept) return undefined;
    this.#scopes.delete(scope);
    this.#scopes.set(scope, kept);
    return kept.digests;
  }

  /** Keeps the digests of documents whose score is known. */
  keep(scope: string, documents: readonly string[], digests: readonly string[], scores: Float64Array): void {
    if (scope.length > maxTextLength) return;
    const kept = this.#scopes.get(scope) ?? { digests: new Map<string, string>(), characters: scope.length };
    for (const [position, document] of documents.entries()) {
      const digest = digests[position];
      if (digest === undefined || Number.isNaN(scores[position]) || document.length > maxTextLength) continue;
      if (kept.characters + document.length > maxCharacters || kept.digests.has(document)) continue;
      kept.digests.set(document, digest);
      kept.characters += document.length;
      this.#characters += document.length;
    }
    if (kept.digests.size === 0) return;
    if (!this.#scopes.has(scope)) this.#characters += scope.length;
    this.#scopes.set(scope, kept);
    this.#dropLeastRecent();
  }

  #dropLeastRecent(): void {
    for (const [scope, { characters }] of this.#scopes) {
      if (this.#characters <= maxCharacters) return;
      this.#scopes.delete(scope);
      this.#characters -= characters;
    }
  }
}
