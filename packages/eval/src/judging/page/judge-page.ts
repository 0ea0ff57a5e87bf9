import { createHash } from "node:crypto";

import { html } from "../../page/markup.ts";

/** The page where people judge, and the headers that it is sent with. */
export interface JudgePage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Without any text of a collection: its script asks for them. */
export async function judgePage(): Promise<JudgePage> {
  const { pageAssets } = await import("../../page/page-assets.ts");
  const styles = pageAssets["judge.css"];
  const script = pageAssets["judge.js"];
  const policy = [
    "default-src 'none'",
    `style-src ${sourceOf(styles)}`,
    `script-src ${sourceOf(script)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return {
    html: `${head}<style>${styles}</style>\n${body}<script type="module">${script}</script>\n</body>\n</html>\n`,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
  };
}

function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

const head = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>Judge · Dheera AI</title>
      <link rel="icon" href="data:," />
   `;

const body = html`</head>
  <body>
    <a class="skip" href="#pair">Skip to the document</a>
    <header class="top">
      <p class="brand">Dheera AI</p>
      <p class="far">
        <label for="far">Judged</label> <progress id="far" value="0" max="1"></progress>
        <span id="count" class="quiet"></span>
      </p>
      <button id="finish" type="button">Finish</button>
    </header>
    <div class="frame">
      <main id="pair" tabindex="-1">
        <h1 class="hidden">Is this document relevant?</h1>
        <p id="status" class="status" role="status"></p>
        <section id="asked" aria-labelledby="query-label" hidden>
          <p id="query-label" class="quiet">Query <span id="place"></span></p>
          <p id="query" class="query" dir="auto"></p>
          <div class="document" id="document" tabindex="0" role="region" aria-label="Document">
            <p id="title" class="title" dir="auto"></p>
            <p id="text" dir="auto"></p>
          </div>
          <p id="before" class="quiet"></p>
          <div class="verdicts" role="group" aria-label="How relevant is the document?">
            <button type="button" data-verdict="2" aria-keyshortcuts="r"><b>Relevant</b> <kbd>r</kbd></button>
            <button type="button" data-verdict="1" aria-keyshortcuts="p"><b>Partly</b> <kbd>p</kbd></button>
            <button type="button" data-verdict="0" aria-keyshortcuts="n"><b>Not</b> <kbd>n</kbd></button>
            <button type="button" data-verdict="skipped" aria-keyshortcuts="s">Skip <kbd>s</kbd></button>
            <button type="button" id="back" aria-keyshortcuts="b">Back <kbd>b</kbd></button>
            <button type="button" id="forward" aria-keyshortcuts="f">Forward <kbd>f</kbd></button>
          </div>
        </section>
        <section id="done" aria-labelledby="done-title" hidden>
          <h2 id="done-title">Nothing is left to judge</h2>
          <p id="sum"></p>
          <p>Press Finish, or ctrl-c in the terminal. The next command:</p>
          <pre id="next" tabindex="0"></pre>
          <button type="button" id="again">Look at it again</button>
        </section>
      </main>
      <nav aria-label="Queries">
        <details id="list" open>
          <summary>Queries</summary>
          <ol id="queries"></ol>
        </details>
      </nav>
    </div>
   `;
