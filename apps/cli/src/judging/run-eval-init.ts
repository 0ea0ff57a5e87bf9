import { basename } from "node:path";

import {
  createJudgingFolder,
  isJudgingFolder,
  type JudgingFolder,
  type JudgingPort,
  openJudgingFolder,
  openJudgingPort,
  type Progress,
  progressOf,
  refuseOtherCollection,
  sampleQueries,
  startJudging,
} from "@dheera-ai/eval";

import { readConfiguration } from "../configuration.ts";
import { UsageError } from "../errors.ts";
import { describeProgress } from "../measuring/describe-progress.ts";
import { readLanguage } from "../measuring/read-language.ts";
import { withProgress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import type { EvalInitOptions } from "./eval-init.ts";
import { openBrowser } from "./open-browser.ts";
import { poolCandidates } from "./pool-candidates.ts";
import { rankCandidates } from "./rank-candidates.ts";
import { readCorpus } from "./read-corpus.ts";
import { readQueries } from "./read-queries.ts";
import { searchCandidates } from "./search-candidates.ts";

/** Makes the folder, unless it is there, and serves the page until it is done. @returns the exit code */
export async function runEvalInit(folder: string, options: EvalInitOptions, terminal: Terminal): Promise<number> {
  // Before anything is paid for.
  await using opened = await openJudgingPort(options.port);
  if (isJudgingFolder(folder)) terminal.printError(describeGoingOn(folder, options));
  else await create(folder, options, terminal);
  await using judged = await openJudgingFolder(folder);
  await judge(folder, judged, { ...options, port: opened }, terminal);
  terminal.output.print(describeEnd(folder, judged, options));
  return 0;
}

async function create(folder: string, options: EvalInitOptions, terminal: Terminal): Promise<void> {
  if (options.queries === undefined)
    throw new UsageError(
      `--queries is missing: ${folder} is new, and needs queries (and --documents, unless each query brings its own)`,
    );
  const language = readLanguage(options.language);
  refuseOtherCollection(folder);
  const read = options.documents === undefined ? undefined : await readCorpus(options.documents);
  if (read !== undefined && read.ignored > 0)
    terminal.printError(`${options.documents}: ${counted(read.ignored, "file")} of other kinds were not read`);
  const { queries, documents } = await readQueries(options.queries, read?.documents ?? []);
  const asked = sampleQueries(queries, options.sample, options.seed);
  const models = [...new Set(options.models)];
  // What is judged for hours is measured with it afterwards.
  if (options.config !== undefined && models.length === 0)
    await readConfiguration(options.config, terminal.environment);
  let progress: Progress | undefined;
  const { pooled, warnings } = await withProgress(
    terminal,
    () => (progress ? describeProgress(progress, terminal.output.width) : "searching candidates"),
    async () => {
      const searched = await searchCandidates(
        { name: basename(folder), documents, queries: asked, hasCorpus: read !== undefined },
        { ...options, language, signal: terminal.stop },
      );
      const onProgress = (now: Progress): void => void (progress = now);
      const ranked =
        models.length === 0
          ? undefined
          : await rankCandidates(searched.collection, { ...options, models, onProgress }, terminal);
      return poolCandidates(searched, ranked, options);
    },
  );
  for (const warning of warnings) terminal.printError(`warning: ${warning}`);
  if (pooled.length === 0)
    throw new UsageError("there is nothing to judge: no document has a word of any query; check --language");
  await createJudgingFolder(folder, { documents, queries: pooled });
}

/** Until somebody finishes on the page, or in the terminal. */
async function judge(
  folder: string,
  judged: JudgingFolder,
  { port: opened, ...options }: Omit<EvalInitOptions, "port"> & { readonly port: JudgingPort },
  terminal: Terminal,
): Promise<void> {
  await using server = await startJudging(judged, { port: opened, nextCommand: nextCommand(folder, options) });
  const { left, pairs } = progressOf(judged.task, judged.judgements);
  const queries = counted(judged.task.queries.length, "query", "queries");
  terminal.output.print(
    `${queries}, ${counted(pairs, "document")} to judge, ${left} left. Judge here; ctrl-c ends it, and each judgement is written at once:\n  ${server.url}`,
  );
  if (options.open && terminal.output.interactive) openBrowser(server.startUrl, terminal.environment);
  const stopped = new Promise<void>((resolve) => {
    if (terminal.stop.aborted) resolve();
    terminal.stop.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([server.finished, stopped]);
}

function describeGoingOn(folder: string, { documents, queries }: EvalInitOptions): string {
  const given = documents !== undefined || queries !== undefined;
  return `${folder} has been begun: judging goes on there${given ? "; --documents and --queries are not read again" : ""}`;
}

function describeEnd(folder: string, judged: JudgingFolder, options: EvalInitOptions): string {
  const { judged: done, skipped, left, pairs } = progressOf(judged.task, judged.judgements);
  return [
    `${done} of ${counted(pairs, "document")} judged, ${skipped} skipped, ${left} left: ${folder}/qrels/test.tsv`,
    ...(left === 0 ? [] : [`To go on: dheera_ai eval init ${quoted(folder)}`]),
    `Next: ${nextCommand(folder, options)}`,
  ].join("\n");
}

/** With all that the candidates and the file of rankings follow from, so that none of them is asked for again. */
function nextCommand(folder: string, options: Omit<EvalInitOptions, "port">): string {
  const { config, models = [], top_k, language, scores: file } = options;
  return [
    `dheera_ai eval ${quoted(folder)}`,
    ...(config === undefined ? [] : [`--config ${quoted(config)}`]),
    ...(models.length === 0 ? [] : [`--models ${quoted(models.join(","))}`]),
    ...(top_k === defaultTopK ? [] : [`--top_k ${top_k}`]),
    ...(language === undefined ? [] : [`--language ${language}`]),
    ...(file === undefined ? [] : [`--scores ${quoted(file)}`]),
    "--html report.html",
  ].join(" ");
}

/** Of this command and of `eval`. */
const defaultTopK = 100;

/** As a shell reads it. */
function quoted(argument: string): string {
  return /^[\w./:,@+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
