import { createHash } from "node:crypto";

import type { EvalReport } from "../report/eval-report.ts";
import { type Markup, html } from "./markup.ts";
import { metricsOf, modelsTable } from "./models-table.ts";
import { count, counted, date, measureName, percent } from "./numbers.ts";
import { choiceStyles, comparisonsSection } from "./comparisons-section.ts";
import { findings } from "./findings.ts";
import { tradesSection } from "./trades-section.ts";
import { shownText } from "./shown-text.ts";

/**
 * One HTML file of a report, which loads nothing, needs no server and is whole without its script. Texts of the report
 * are never read as HTML.
 */
export async function renderReport(report: EvalReport): Promise<string> {
  // Only who makes a page loads what pages are made of.
  const { pageAssets } = await import("./page-assets.ts");
  const styles = pageAssets["report.css"] + choiceStyles(report);
  const script = pageAssets["report.js"];
  const title = `${shownText(report.collection.name, 120)}: ${counted(Object.keys(report.models).length, "model")} measured`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="content-security-policy"
          content="default-src 'none'; style-src ${sourceOf(styles)}; script-src ${sourceOf(script)}; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title} · Dheera AI</title>
     `;
  const body = html`</head>
    <body>
      <a class="skip" href="#content">Skip to the content</a>
      <header class="top">
        <p class="brand">Dheera AI</p>
        <p class="quiet">Evaluation of ${date(report.date)}</p>
      </header>
      <main id="content" tabindex="-1">
        <h1><bdi>${title}</bdi></h1>
        ${notices(report)}
        <div class="findings">${findings(report)}</div>
        <section aria-labelledby="models-title">
          <h2 id="models-title">Models</h2>
          ${modelsTable(report)} ${notes(report)}
        </section>
        ${tradesSection(report)} ${comparisonsSection(report)} ${measuredSection(report)}
      </main>
     `;
  const end = html`</body>
    </html> `;
  // Styles and script are the package's own, and are written as they are.
  return `${page}<style>${styles}</style>\n${body}<script>${script}</script>\n${end}`;
}

/** How a policy names a text that stands in the page itself. */
function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function notices({ stopped, warnings }: EvalReport): Markup | undefined {
  if (stopped === undefined && warnings.length === 0) return undefined;
  return html`<div class="notices" role="note">
    ${stopped === undefined ? undefined : html`<p><b>Not all of it was measured.</b> <bdi dir="auto">${shownText(stopped, 1_000)}</bdi></p>`}
    ${
      warnings.length === 0
        ? undefined
        : html`<p><b>${warnings.length === 1 ? "A warning" : counted(warnings.length, "warning")}</b></p>
            <ul>
              ${warnings.slice(0, 50).map((warning) => html`<li><bdi dir="auto">${shownText(warning, 1_000)}</bdi></li>`)}
            </ul>`
    }
  </div>`;
}

function notes(report: EvalReport): Markup {
  const failed = Object.entries(report.models).filter(([, { error }]) => error !== undefined);
  return html`<p class="quiet">
      Small figures under a measure are its 95 % bootstrap interval. Differences to the baseline are taken query by
      query; p is of a two-sided paired randomization test, not corrected for several models: below 0.05 chance is an
      unlikely reason. ${metricsOf(report).length > 1 ? "The highest value of a column is bold." : undefined} Failed
      queries count as 0.
    </p>
    ${
      failed.length === 0
        ? undefined
        : html`<ul class="errors">
            ${failed.map(
              ([name, { error }]) =>
                html`<li>
                  <b><bdi>${shownText(name, 80)}</bdi></b
                  >: <bdi dir="auto">${shownText(error, 500)}</bdi>
                </li>`,
            )}
          </ul>`
    }`;
}

function measuredSection(report: EvalReport): Markup {
  const { collection, candidates, sample, baseline, main_metric } = report;
  const chosen =
    sample.queries < collection.queries
      ? `${count(sample.queries)} of ${count(collection.queries)}`
      : `all ${count(sample.queries)}`;
  const facts: readonly (readonly [string, Markup | string])[] = [
    [
      "Collection",
      html`<bdi>${shownText(collection.name, 200)}</bdi>: ${counted(collection.documents, "document")},
        ${counted(collection.judgements, "judgement")}`,
    ],
    ["Queries", html`${chosen}${sample.seed === undefined ? undefined : html`, chosen with the seed ${sample.seed}`}`],
    [
      "Candidates",
      html`<bdi>${shownText(candidates.source, 200)}</bdi>, the best ${count(candidates.top_k)} of a query at most`,
    ],
    [
      "Recall of the candidates",
      `${percent(candidates.recall)} of the relevant documents are among them; no model can bring up the others`,
    ],
    ["Baseline", html`<bdi>${shownText(baseline, 80)}</bdi>`],
    ["Decides", measureName(main_metric)],
    ["Date", html`<time datetime="${report.date}">${date(report.date)}</time>`],
  ];
  return html`<section aria-labelledby="measured-title">
    <h2 id="measured-title">What was measured</h2>
    <dl class="facts">
      ${facts.map(
        ([term, said]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${said}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
