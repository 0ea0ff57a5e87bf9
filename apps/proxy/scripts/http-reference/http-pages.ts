import { openapiDocument } from "../../src/openapi/openapi-document.ts";
import { topicsOf } from "../../src/openapi/topics.ts";
import type { GeneratedPage } from "../markdown.ts";
import { type Chapter, chapters } from "./chapters.ts";
import { renderOperation } from "./operation-section.ts";
import { renderOverview } from "./overview.ts";
import { type Shapes, shapesOf } from "./shapes.ts";
import { renderShape } from "./shape-tables.ts";

export const httpPagesFolder: URL = new URL("../../../../docs/reference/http/", import.meta.url);

export const generated =
  "<!-- Made from the description of the API in apps/proxy/src/openapi by apps/proxy/scripts: change it there. -->";

/** The reference of the HTTP API: a page for each group of routes, and the list of them. */
export function httpPages(): readonly GeneratedPage[] {
  const document = openapiDocument();
  const found = chapters(topicsOf(document.paths));
  const shapes = shapesOf(found, document.components.schemas);
  return [
    page("README.md", () => [generated, "", ...renderOverview(found, document, shapes)]),
    ...found.map((chapter) => page(chapter.file, () => renderChapter(chapter, shapes))),
  ];
}

function page(name: string, render: () => readonly string[]): GeneratedPage {
  return { page: new URL(name, httpPagesFolder), name, render: () => render().join("\n") };
}

function renderChapter({ file, title, introduction, topics }: Chapter, shapes: Shapes): readonly string[] {
  const own = shapes.on(file);
  return [
    generated,
    "",
    `# ${title}`,
    "",
    `${introduction} [All routes](README.md).`,
    "",
    ...topics.flatMap((topic) => renderOperation(topic, shapes, file)),
    ...(own.length === 0 ? [] : ["## Objects", ""]),
    ...own.flatMap((name) => renderShape(name, shapes, file)),
  ];
}
