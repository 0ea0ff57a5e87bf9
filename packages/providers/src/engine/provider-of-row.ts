import { DheeraError, type Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

import { connectRow } from "./connect-row.ts";
import type { DefinedRow } from "./define-row.ts";
import { optionNames } from "./parse-options.ts";
import type { Row } from "./row.ts";
import { rowName, rowSchema } from "./schema/row-schema.ts";

/** What `providerOfRow` and the official rows are made with. */
export interface RowOptions {
  /** Where addresses and keys are looked up that a deployment does not name; the process environment when absent. */
  readonly environment?: Environment | undefined;
}

/**
 * A provider of your own as data, without code. It knows what `jina_ai/…` and the others know: whose key goes where, how
 * requests are split, what an answer means.
 * @throws DheeraError `invalid_request`, which names the field
 */
export function providerOfRow(row: Row, options: RowOptions = {}): Provider {
  return providerOf({ row: checkRow(row), hooks: {} }, options);
}

function checkRow({ name, ...fields }: Row): Row {
  const parsed = v.safeParse(v.object({ name: rowName, fields: rowSchema() }), { name, fields });
  if (parsed.success) return { name: parsed.output.name, ...parsed.output.fields };
  const [issue] = parsed.issues;
  const param = (v.getDotPath(issue) ?? "").replace(/^fields\./, "");
  throw new DheeraError("invalid_request", `the row ${String(name)}: ${param} ${issue.message}`, { param });
}

/** The provider that a row of this package describes. */
export function providerOf(defined: DefinedRow, { environment = processEnvironment() }: RowOptions = {}): Provider {
  const { name, path_parameters = {} } = defined.row;
  return {
    name,
    optionNames: [...optionNames, ...Object.keys(path_parameters)],
    connect: (target) => connectRow(defined, target, environment),
  };
}
