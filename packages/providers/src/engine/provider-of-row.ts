import type { Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectRow } from "./connect-row.ts";
import type { DefinedRow } from "./define-row.ts";
import { optionNames } from "./parse-options.ts";

export interface RowOptions {
  /** Where addresses and keys are looked up that a deployment does not name; the process environment when absent. */
  readonly environment?: Environment | undefined;
}

/** The provider that a row describes. */
export function providerOf(defined: DefinedRow, { environment = processEnvironment() }: RowOptions = {}): Provider {
  const { name, path_parameters = {} } = defined.row;
  return {
    name,
    optionNames: [...optionNames, ...Object.keys(path_parameters)],
    connect: (target) => connectRow(defined, target, environment),
  };
}
