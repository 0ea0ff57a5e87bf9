import type { Config } from "../config.ts";
import { nearest } from "./nearest.ts";

/** Warns of every setting that names a model without an entry. */
export function checkModelNames(config: Config): readonly string[] {
  const { router_settings: router, dheera_ai_settings: settings, general_settings: general } = config;
  const known = new Set([
    ...config.model_list.map((entry) => entry.model_name),
    ...Object.keys(router.model_group_alias ?? {}),
  ]);
  const places: readonly (readonly [place: string, names: readonly string[]])[] = [
    ["router_settings.fallbacks", namesIn(router.fallbacks)],
    ["router_settings.default_fallbacks", router.default_fallbacks ?? []],
    ["router_settings.model_group_alias", Object.values(router.model_group_alias ?? {})],
    ["dheera_ai_settings.fallbacks", namesIn(settings.fallbacks)],
    ["dheera_ai_settings.default_fallbacks", settings.default_fallbacks ?? []],
    ...general.keys.map((key) => [`general_settings.keys (${key.name})`, key.models ?? []] as const),
  ];
  return places.flatMap(([place, names]) =>
    names.filter((name) => !known.has(name)).map((name) => describe(place, name, [...known])),
  );
}

function namesIn(fallbacks: Config["router_settings"]["fallbacks"] = []): readonly string[] {
  return fallbacks.flatMap((map) => [...Object.keys(map), ...Object.values(map).flat()]);
}

function describe(place: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `${place} names ${name}, which no entry of model_list has${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
