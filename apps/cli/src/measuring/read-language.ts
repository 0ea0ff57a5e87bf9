import { type Language, languages } from "@dheera-ai/eval";

import { UsageError } from "../errors.ts";

/** `--language`. @throws UsageError for one that is not known */
export function readLanguage(given: string | undefined): Language | undefined {
  const known = languages.find((language) => language === given);
  if (given !== undefined && known === undefined)
    throw new UsageError(`--language wants one of ${languages.join(", ")}`);
  return known;
}
