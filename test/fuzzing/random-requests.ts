import * as fc from "fast-check";

import type { Description, Endpoint, Operation } from "./api-description.ts";
import { type Schema, type Schemas, mutationsOf, valuesOf } from "./json-schema-values.ts";

export interface RandomRequest extends Endpoint {
  /** The path with values for its parameters. */
  readonly address: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly key: string | undefined;
}

export interface Known {
  readonly keys: readonly string[];
  readonly models: readonly string[];
  /** Of what addresses may name beside models. */
  readonly ids: readonly string[];
}

/**
 * Requests that fit a description, and others that nearly do. Keys, model names and ids are given: few random texts
 * would be one.
 */
export function randomRequests({ paths, components }: Description, known: Known): fc.Arbitrary<RandomRequest> {
  const choices = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      weight: weightOf(operation),
      arbitrary: requestsTo({ path, method }, operation, components.schemas, known),
    })),
  );
  return fc.oneof(...choices);
}

/** What has a body can be wrong in more ways. Those that name objects find them mostly not there. */
function weightOf({ requestBody, tags = [] }: Operation): number {
  if (!requestBody) return 1;
  return tags.some((tag) => tag === "Management" || tag === "Batches") ? 4 : 20;
}

function requestsTo(
  { path, method }: Endpoint,
  operation: Operation,
  schemas: Schemas,
  known: Known,
): fc.Arbitrary<RandomRequest> {
  const names = [...known.models, ...known.ids];
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return fc.record({
    address: addresses(path, names),
    path: fc.constant(path),
    method: fc.constant(method),
    query: parameters(operation, "query", fc.oneof(fc.constantFrom(...names), fc.string({ unit: "grapheme" }))),
    headers: parameters(operation, "header", visible),
    body: schema ? bodies(schema, schemas, known.models) : fc.constant(undefined),
    key: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...known.keys) },
      { weight: 1, arbitrary: fc.constantFrom(undefined, "wrong") },
    ),
  });
}

/** Parts of a path must be there; a dot alone, and two, would be parts of its navigation. */
function addresses(path: string, names: readonly string[]): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.constantFrom(...names),
    fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.isWellFormed() && !/^\.+$/.test(text)),
  );
  return value.map((text) => path.replace(/\{\w+\}/, () => encodeURIComponent(text)));
}

/** Characters that a header may carry. */
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code)),
  minLength: 1,
  maxLength: 200,
});

function parameters(
  { parameters: described = [] }: Operation,
  position: string,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<Readonly<Record<string, string>>> {
  const names = described.filter((parameter) => parameter.in === position).map(({ name }) => name);
  return names.length === 0 ? fc.constant({}) : fc.dictionary(fc.constantFrom(...names), value);
}

function bodies(schema: Schema, schemas: Schemas, models: readonly string[]): fc.Arbitrary<string> {
  const valid = fc
    .tuple(valuesOf(schema, schemas), fc.constantFrom(...models, ...models, undefined))
    .map(([body, model]) => withModel(body, model));
  return fc.oneof(
    { weight: 6, arbitrary: valid.map((body) => JSON.stringify(body)) },
    { weight: 4, arbitrary: valid.chain(mutationsOf).map((body) => JSON.stringify(body)) },
    { weight: 1, arbitrary: fc.oneof(fc.string(), fc.json()) },
  );
}

function withModel(body: unknown, model: string | undefined): unknown {
  return model === undefined || typeof body !== "object" ? body : { ...body, model };
}
