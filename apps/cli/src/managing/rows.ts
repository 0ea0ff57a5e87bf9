import * as v from "valibot";

import { Failure } from "../errors.ts";

/** An object as the proxy answered it. */
export type Row = Readonly<Record<string, unknown>>;

const row = v.record(v.string(), v.unknown());

/** @throws Failure where the answer is none of a proxy */
export function readRow(answer: string, base: string): Row {
  return read(row, answer, base);
}

/** @param name of the field that holds the list; undefined where the answer is the list */
export function readRows(answer: string | Row, name: string | undefined, base: string): readonly Row[] {
  return read(v.array(row), name === undefined ? answer : read(row, answer, base)[name], base);
}

/** @throws Failure where the field is no number */
export function numberOf(of: Row, name: string, base: string): number {
  return read(v.pipe(v.number(), v.finite()), of[name], base);
}

/** A field's text; empty where there is none. */
export function textOf(of: Row, name: string): string {
  const value = of[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** The object in a field; what is around it where there is none. */
export function innerOf(answer: Row, name: string): Row {
  const inner = v.safeParse(row, answer[name]);
  return inner.success ? inner.output : answer;
}

/** The objects of a field that holds some. */
export function rowsOf(of: Row, name: string): readonly Row[] {
  const list = v.safeParse(v.array(row), of[name]);
  return list.success ? list.output : [];
}

function read<Value>(schema: v.GenericSchema<unknown, Value>, answer: unknown, base: string): Value {
  const result = v.safeParse(schema, typeof answer === "string" ? parse(answer) : answer);
  if (result.success) return result.output;
  throw new Failure(`${base} does not answer as a Dheera AI proxy does; check --api_base`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
