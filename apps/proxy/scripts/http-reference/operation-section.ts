import type { JsonSchema } from "@valibot/to-json-schema";

import type { Operation, ResponseDescription } from "../../src/openapi/open-api.ts";
import { type Topic, isOpen } from "../../src/openapi/topics.ts";
import { whoMay } from "../../src/openapi/who-may.ts";
import { callCode } from "../../src/pages/code/call-code.ts";
import { type Callable, callOf, requestsOf } from "../../src/pages/docs/callable.ts";
import { cell, code, fence, table } from "../markdown.ts";
import { shortJson } from "./short-json.ts";
import { type Shapes, nameOf } from "./shapes.ts";
import { typeText } from "./shape-tables.ts";

/** One operation: who may, what it takes, what it answers, how it is called. */
export function renderOperation(topic: Topic, shapes: Shapes, file: string): readonly string[] {
  const { method, paths, operation } = topic;
  const { operationId, summary, description } = operation;
  return [
    `<a id="${operationId}"></a>`,
    "",
    `## ${summary}`,
    "",
    `${paths.map((path) => code(`${method} ${path}`)).join(", ")}`,
    "",
    ...(description === undefined ? [] : [description, ""]),
    `**Who may:** ${whoMay(operation)}`,
    "",
    ...renderParameters(operation, shapes, file),
    ...renderBody(operation, shapes, file),
    ...renderCalls({ method, paths, operation, needsKey: !isOpen(operation) }),
    ...renderAnswers(operation, shapes, file),
    ...renderErrors(operation, shapes, file),
  ];
}

function* renderAnswers({ responses }: Operation, shapes: Shapes, file: string): Iterable<string> {
  for (const [status, response] of Object.entries(responses))
    if (!isRefusal(status)) yield* renderAnswer(status, response, shapes, file);
}

function isRefusal(status: string): boolean {
  return Number(status) >= 400;
}

function renderParameters({ parameters = [] }: Operation, shapes: Shapes, file: string): readonly string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(({ name, in: place, schema, required = false, description }) => [
    code(name),
    place,
    `${cell(typeText(schema, shapes, file))}${required ? "" : ", optional"}`,
    cell(description),
  ]);
  return [...table(["parameter", "in", "type", "meaning"], rows), ""];
}

function renderBody({ requestBody }: Operation, shapes: Shapes, file: string): readonly string[] {
  const kinds = Object.entries(requestBody?.content ?? {});
  return kinds.flatMap(([mediaType, { schema }]) => [`**Body:** ${kindText(mediaType, schema, shapes, file)}.`, ""]);
}

/** The name of what is sent, and how it is written where that is not JSON. */
function kindText(mediaType: string, schema: JsonSchema, shapes: Shapes, file: string): string {
  const isNamed = nameOf(schema) !== undefined || schema.anyOf !== undefined;
  const written = mediaType === "application/json" ? "" : `${code(mediaType)}`;
  const named = isNamed || written === "" ? typeText(schema, shapes, file) : "";
  return [named, written].filter((text) => text !== "").join(" as ");
}

function* renderCalls(callable: Callable): Iterable<string> {
  for (const { title, body } of requestsOf(callable.operation)) {
    if (title !== "Request") yield* [`${title.replace("Request · ", "")}:`, ""];
    yield* fence("sh", callCode("curl", callOf(callable, body)));
  }
}

function* renderAnswer(
  status: string,
  { description, content = {} }: ResponseDescription,
  shapes: Shapes,
  file: string,
): Iterable<string> {
  const kinds = Object.entries(content).map(([mediaType, { schema }]) => kindText(mediaType, schema, shapes, file));
  yield* [`**Answer ${status}:** ${[kinds.join(" or "), description].filter((text) => text !== "").join(". ")}`, ""];
  for (const { summary, value } of Object.values(content["application/json"]?.examples ?? {})) {
    if (summary !== undefined) yield* [`${summary}:`, ""];
    yield* fence("json", shortJson(value));
  }
}

/** By status: the codes, which a page explains, or what is said in their place. */
function renderErrors({ responses }: Operation, shapes: Shapes, file: string): readonly string[] {
  const refusals = Object.entries(responses).filter(([status]) => isRefusal(status));
  if (refusals.length === 0) return [];
  const said = refusals.map(([status, { description }]) => {
    const codes = [...description.matchAll(/`(\w+)`:/g)].map(([, name = ""]) => code(name));
    return codes.length > 0 ? `${status} ${codes.join(", ")}` : `${status}: ${description.replace(/\.$/, "")}`;
  });
  const schemas = refusals.flatMap(([, { content = {} }]) => Object.values(content).map(({ schema }) => schema));
  const links = new Set(schemas.map((schema) => typeText(schema, shapes, file)));
  return [`**[Errors](../../errors.md)**, each ${[...links].join(" or ")}: ${said.join("; ")}.`, ""];
}
