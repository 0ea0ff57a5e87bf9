import type { RouterSettings } from "./settings.ts";

const defaultMaxFallbacks = 5;

/** The model names that serve when every deployment of a model name has failed, in order. */
export class Fallbacks {
  readonly #byName: ReadonlyMap<string, readonly string[]>;
  readonly #settings: RouterSettings;
  readonly #aliases: ReadonlyMap<string, string>;

  constructor(settings: RouterSettings) {
    this.#settings = settings;
    this.#aliases = new Map(Object.entries(settings.model_group_alias ?? {}));
    this.#byName = new Map((settings.fallbacks ?? []).flatMap((entry) => Object.entries(entry)));
  }

  /**
   * Those named for this model name, or else the default ones; never the name itself, and `max_fallbacks` at most.
   * @param wildcard the configured name that stands for it, where it is not configured itself
   * @param mayServe whether a name may serve; it is given as it is configured, and what an alias stands for
   */
  of(
    name: string,
    wildcard: string | undefined,
    mayServe: (name: string, model: string) => boolean,
  ): readonly string[] {
    const { default_fallbacks: byDefault = [], max_fallbacks: most = defaultMaxFallbacks } = this.#settings;
    const named = this.#byName.get(name) ?? this.#byName.get(wildcard ?? name) ?? byDefault;
    return named
      .filter((other) => mayServe(other, this.#modelOf(other)))
      .map((other) => this.#modelOf(other))
      .filter((other) => other !== name)
      .slice(0, most);
  }

  #modelOf(name: string): string {
    return this.#aliases.get(name) ?? name;
  }
}
