import type { ScoreCall, ScoreResult, Target } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import type { Row } from "./row.ts";

/** A row, and what its data cannot say. */
export interface DefinedRow {
  readonly row: Row;
  readonly hooks: RowHooks;
}

/** Small exceptions of one provider. They live in the row's own file, and there are none in a configuration. */
export interface RowHooks {
  /** What is put after the base in place of the row's `path`; a base that ends in it stays as it is. */
  readonly path?: (path: string, context: RowContext) => string;
  /** The body to send in place of the one that the row makes. @throws DheeraError `invalid_request` */
  readonly body?: (body: Readonly<Record<string, unknown>>, call: ScoreCall) => Readonly<Record<string, unknown>>;
  /** Fields of the body for `provider_options`, in place of `request.options`. @throws DheeraError `invalid_request` */
  readonly options?: (options: ScoreCall["providerOptions"], provider: string) => Readonly<Record<string, unknown>>;
  /** The result in place of the one that the row reads. @throws DheeraError */
  readonly read?: (answer: unknown, result: ScoreResult, call: ScoreCall) => ScoreResult;
}

/** What a hook of a row knows of the deployment. */
export interface RowContext {
  /** As the provider is asked for it. */
  readonly model: string;
  readonly options: Target["options"];
  readonly environment: Environment;
}

/** One provider: data, and hooks where data is not enough. */
export function defineRow(row: Row, hooks: RowHooks = {}): DefinedRow {
  return { row, hooks };
}
