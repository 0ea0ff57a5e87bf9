import { findWildcard, isWildcard } from "@dheera-ai/core";

import type { ConfigFile } from "../read/config-file.ts";
import type { Path } from "../read/path.ts";
import type { WrittenConfig } from "../schema/config-schema.ts";
import { nearest } from "./nearest.ts";

/** Warns of every setting of one file that names a model without an entry. @param known model names and aliases */
export function checkModelNames(config: WrittenConfig, known: readonly string[], file: ConfigFile): readonly string[] {
  const { router_settings: router, dheera_ai_settings: settings, general_settings: general } = config;
  const named: readonly NamedModel[] = [
    ...namesIn(router.fallbacks, ["router_settings", "fallbacks"]),
    ...namesOf(router.default_fallbacks, ["router_settings", "default_fallbacks"]),
    ...Object.entries(router.model_group_alias ?? {}).map(([alias, name]) => ({
      path: ["router_settings", "model_group_alias", alias],
      name,
    })),
    ...namesIn(settings.fallbacks, ["dheera_ai_settings", "fallbacks"]),
    ...namesOf(settings.default_fallbacks, ["dheera_ai_settings", "default_fallbacks"]),
    ...general.keys.flatMap((key, index) => namesOf(key.models, ["general_settings", "keys", index, "models"])),
  ];
  const configured = new Set(known);
  const wildcards = known.filter(isWildcard);
  return named
    .filter(({ name }) => !configured.has(name) && findWildcard(wildcards, name) === undefined)
    .map(({ path, name }) => file.warning(path, describe(name, known)));
}

interface NamedModel {
  readonly path: Path;
  readonly name: string;
}

function namesIn(fallbacks: WrittenConfig["router_settings"]["fallbacks"] = [], path: Path): readonly NamedModel[] {
  return fallbacks.flatMap((map, index) =>
    Object.entries(map).flatMap(([name, others]) => {
      const at = [...path, index, name];
      return namesOf(others, at).concat({ path: at, name });
    }),
  );
}

function namesOf(names: readonly string[] = [], path: Path): readonly NamedModel[] {
  return names.map((name, index) => ({ path: [...path, index], name }));
}

function describe(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `names ${name}, which no entry of model_list has${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
