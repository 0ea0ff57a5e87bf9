import { DheeraError } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import type { Row } from "../row.ts";
import type { PathValues } from "./url-of-row.ts";

/**
 * What stands for the `path_parameters` of a path: parameters of the deployment, else variables.
 * @throws DheeraError `invalid_request` where the path needs one that nothing names
 */
export function pathValues(
  { name: provider, path_parameters = {} }: Row,
  path: string,
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
): PathValues {
  const needed = Object.entries(path_parameters).filter(([name]) => path.includes(`{${name}}`));
  return Object.fromEntries(
    needed.map(([name, variables]) => {
      const given = options[name] ?? variables.map((variable) => environment[variable]).find(Boolean);
      if (typeof given === "string" && given.trim() !== "") return [name, given.trim()];
      const remedy = [`set ${name}`, ...variables].join(", or ");
      throw new DheeraError("invalid_request", `${provider} needs ${name}: ${remedy}`, { param: name, provider });
    }),
  );
}
