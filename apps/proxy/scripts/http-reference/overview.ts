import type { OpenApiDocument } from "../../src/openapi/open-api.ts";
import { cell, code, table } from "../markdown.ts";
import type { Chapter } from "./chapters.ts";
import type { Shapes } from "./shapes.ts";
import { renderShape, typeText } from "./shape-tables.ts";

const file = "README.md";

/** The first page: how to call, every route, headers, the shape of errors. */
export function renderOverview(
  chapters: readonly Chapter[],
  { info, components }: OpenApiDocument,
  shapes: Shapes,
): readonly string[] {
  const routes = chapters.flatMap(({ file: page, topics }) =>
    topics.map(({ method, paths, operation }) => [
      paths.map((path) => code(`${method} ${path}`)).join("<br>"),
      `[${operation.summary}](${page}#${operation.operationId})`,
    ]),
  );
  const headers = Object.entries(components.headers).map(([name, { description, schema }]) => [
    code(name),
    typeText(schema, shapes, file),
    cell(description),
  ]);
  return [
    "# HTTP API",
    "",
    info.description,
    "",
    "A proxy shows the same description of its own version at `/docs`, where requests can be tried out, and as OpenAPI 3.1 at `/openapi.json`.",
    "",
    ...chapters.map(({ file: page, title, introduction }) => `- [${title}](${page}): ${introduction}`),
    "",
    "## Keys",
    "",
    components.securitySchemes.key.description,
    "",
    "Where a route says *proxy admins*, *viewers* or *users*, it means [the roles of people](../../teams.md), who come with a key of theirs or with the session of a page.",
    "",
    "## Every route",
    "",
    ...table(["route", "what it does"], routes),
    "",
    "## Headers of answers",
    "",
    ...table(["header", "type", "meaning"], headers),
    "",
    "## Errors",
    "",
    "[errors.md](../../errors.md) explains each code.",
    "",
    ...shapes.on(file).flatMap((name) => renderShape(name, shapes, file)),
  ];
}
