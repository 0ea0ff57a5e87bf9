import { html } from "hono/html";

import type { OpenApiDocument } from "../../openapi/open-api.ts";
import { topicsOf } from "../../openapi/topics.ts";
import { prose } from "./markup.ts";
import { operationArticle } from "./operation-article.ts";

/** The description of the API as one HTML page. It is whole without its script, which adds trying things out. */
export async function docsPage({ info, tags, paths, components }: OpenApiDocument): Promise<string> {
  const topics = topicsOf(paths);
  const chapters = tags.map((tag) => ({
    ...tag,
    topics: topics.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>API reference · ${info.title}</title>
        <link rel="icon" href="assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="assets/docs.css" />
        <script type="module" src="assets/docs.js"></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">
          <p class="brand"><img src="assets/icon.svg" alt="" width="24" height="24" />${info.title}</p>
          <nav aria-label="Pages">
            <a href="./">Playground</a>
            <a href="ui">Teams</a>
            <a href="ui/batches">Batches</a>
            <a href="docs" aria-current="page">API reference</a>
            <a href="openapi.json">OpenAPI</a>
          </nav>
          <span class="quiet">${info.version}</span>
          <form id="access" class="key" hidden>
            <label for="key">Key</label>
            <input id="key" type="password" autocomplete="off" placeholder="none" aria-describedby="key-note" />
            <span id="key-note" class="hidden">Kept in this tab only</span>
          </form>
        </header>
        <div class="frame">
          <nav class="contents" aria-label="Operations">
            <details>
              <summary>Contents</summary>
              ${chapters.map(
                (chapter) =>
                  html`<p>${chapter.name}</p>
                    <ul>
                      ${chapter.topics.map(({ operation, paths: [path] }) => html`<li><a href="#${operation.operationId}">${operation.summary}</a><code>${path}</code></li>`)}
                    </ul>`,
              )}
            </details>
          </nav>
          <main id="content" tabindex="-1">
            <div class="opening">
              <h1>${info.summary}</h1>
              ${prose(info.description)}
            </div>
            ${chapters.map(
              (chapter) =>
                html`<section aria-labelledby="chapter-${chapter.name}">
                  <h2 id="chapter-${chapter.name}">${chapter.name}</h2>
                  <p class="quiet">${chapter.description}</p>
                  ${chapter.topics.map((topic) => operationArticle(topic, components))}
                </section>`,
            )}
          </main>
        </div>
      </body>
    </html>`;
  return String(page);
}
