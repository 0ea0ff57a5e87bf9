import type { LocalModel, PullPlan, PullProgress } from "@dheera-ai/local/hub";
import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, flag, format, text } from "../command-line/values.ts";
import { confirm } from "../confirm.ts";
import { describeBytes } from "../drawing/amounts.ts";
import { fit } from "../drawing/fit.ts";
import { drawBar } from "../drawing/score-bar.ts";
import { Failure, UsageError } from "../errors.ts";
import { type LocalHub, loadLocalHub } from "../local/local-hub.ts";
import { nameOf } from "./local-models.ts";
import { openFetch } from "../open-dheera.ts";
import { withProgress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";

interface PullCommandOptions {
  readonly dtype?: string;
  readonly file?: string;
  readonly yes: boolean;
  readonly output?: Format;
}

export const pull = defineCommand<PullCommandOptions>({
  name: "pull",
  summary: "Download a model of the Hugging Face Hub, to be used as local/MODEL",
  usage: ["MODEL[@REVISION] [--dtype DTYPE | --file FILE] [--yes]"],
  operands: "MODEL[@REVISION]",
  options: {
    dtype: { value: "DTYPE", help: "weights of this kind: fp32, fp16, int8 … (what suits this CPU)" },
    file: { value: "FILE", help: "this file of weights: onnx/model.onnx" },
    yes: { short: "y", help: "agree to licences and gates that would be asked about" },
    output: { value: "FORMAT", help: "table or json (table on a terminal)" },
  },
  schema: v.object({
    dtype: v.optional(text),
    file: v.optional(text),
    yes: v.optional(flag, false),
    output: v.optional(format),
  }),
  examples: [
    "dheera_ai pull cross-encoder/ms-marco-MiniLM-L6-v2",
    "dheera_ai pull cross-encoder/ms-marco-MiniLM-L6-v2@main --dtype fp32",
  ],
  async run({ options, operands }, terminal) {
    const [model, ...others] = operands;
    if (model === undefined || others.length > 0)
      throw new UsageError("pull wants one model: dheera_ai pull <organization>/<name>[@<revision>]");
    const { output } = terminal;
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    const hub = await loadLocalHub();
    const wish = readWish(hub, options);
    const report = (local: LocalModel, plan?: PullPlan): void => {
      output.print(isTable ? drawReady(local) : JSON.stringify(describe(local, plan), undefined, 2));
      if (local.problem !== undefined)
        terminal.printError(`warning: it cannot be used as it is: ${fit(local.problem, 1_000)}`);
    };
    if (hub.isOffline(terminal.environment)) report(await findOffline(hub, model, wish, terminal));
    else {
      const plan = await download(hub, model, wish, options.yes, isTable, terminal);
      if (!plan) return 1;
      report(
        await hub.findLocalModel(`${plan.name}@${plan.commit}`, { ...wish, environment: terminal.environment }),
        plan,
      );
    }
    return 0;
  },
});

type Wish = Pick<Parameters<LocalHub["planPull"]>[1], "dtype" | "file">;

function readWish({ dtypes }: LocalHub, { dtype, file }: PullCommandOptions): Wish {
  const known = dtypes.find((one) => one === dtype);
  if (dtype !== undefined && known === undefined) throw new UsageError(`--dtype wants one of ${dtypes.join(", ")}`);
  return { ...(known && { dtype: known }), ...(file !== undefined && { file }) };
}

async function findOffline(hub: LocalHub, model: string, wish: Wish, { environment }: Terminal): Promise<LocalModel> {
  const refuse = (why: string): Failure => new Failure(`HF_HUB_OFFLINE is set, so nothing is downloaded, and ${why}`);
  const found = await hub.findLocalModel(model, { ...wish, environment }).catch((error: unknown) => {
    throw error instanceof Error ? refuse(error.message) : error;
  });
  if (found.problem !== undefined) throw refuse(found.problem);
  return found;
}

/** Undefined where a person did not agree. */
async function download(
  hub: LocalHub,
  model: string,
  wish: Wish,
  yes: boolean,
  isTable: boolean,
  terminal: Terminal,
): Promise<PullPlan | undefined> {
  const { environment, stop: signal, output } = terminal;
  await using connections = await openFetch(environment);
  const request = { environment, signal, fetch: connections.fetch };
  const plan = await withProgress(
    terminal,
    () => `asking the Hub for ${model}`,
    () => hub.planPull(model, { ...wish, ...request }),
  ).catch((error: unknown) => {
    throw signal.aborted ? new Failure("stopped; nothing was downloaded", { cause: error }) : error;
  });
  if (plan.missingBytes === 0) {
    // The branch may have moved to a commit that is here already.
    await hub.pull(plan, request);
    return plan;
  }
  // What the output is read by need not be a person.
  if (isTable) output.print(drawPlan(plan));
  else terminal.printError(drawPlan(plan));
  const question = questionOf(plan);
  if (question !== undefined && !(await confirm(terminal, question, yes))) {
    terminal.printError("Nothing was downloaded.");
    return undefined;
  }
  await fetchFiles(hub, plan, wish, request, terminal);
  return plan;
}

async function fetchFiles(
  hub: LocalHub,
  plan: PullPlan,
  wish: Wish,
  request: Parameters<LocalHub["pull"]>[1],
  terminal: Terminal,
): Promise<void> {
  const { showProgress, printError, stop, output } = terminal;
  let last: PullProgress | undefined;
  const begun = performance.now();
  const onProgress = (progress: PullProgress): void => {
    if (!showProgress && progress.file !== last?.file)
      printError(`${fit(progress.file, 100)} (${describeBytes(progress.fileTotal)})`);
    last = progress;
  };
  try {
    await withProgress(
      terminal,
      () => (last ? drawProgress(last, (performance.now() - begun) / 1_000, output.width) : "beginning"),
      () => hub.pull(plan, { ...request, onProgress }),
    );
  } catch (error) {
    if (!stop.aborted) throw error;
    throw new Failure(
      `stopped; what was downloaded is kept, and the same command goes on from there: ${commandOf(plan, wish)}`,
      { cause: error },
    );
  }
}

/** What was typed, but for agreements, which are asked for again. */
function commandOf({ name, revision }: PullPlan, { dtype, file }: Wish): string {
  return [
    `dheera_ai pull ${name}${revision === "main" ? "" : `@${revision}`}`,
    ...(dtype === undefined ? [] : [`--dtype ${dtype}`]),
    ...(file === undefined ? [] : [`--file ${JSON.stringify(file)}`]),
  ].join(" ");
}

function drawProgress({ file, bytes, total, received }: PullProgress, seconds: number, width: number): string {
  const share = total === 0 ? 1 : bytes / total;
  const speed = seconds > 0 ? `${describeBytes(Math.round(received / seconds))}/s` : "";
  const bar = width < 70 ? "" : `${drawBar(share, barWidth).padEnd(barWidth, "░")} `;
  return `${bar}${Math.floor(share * 100)} % of ${describeBytes(total)} · ${speed} · ${file}`;
}

const barWidth = 20;

/** What has to be asked before; undefined where nothing has. */
function questionOf({ name, licence, isGated }: PullPlan): string | undefined {
  if (licence.isNonCommercial)
    return `${name} has the licence ${describeLicence(licence)}, which does not allow commercial use. Download it?`;
  return isGated
    ? `${name} is gated: its owner wants conditions agreed to, on its page at the Hub (licence: ${describeLicence(licence)}). Download it?`
    : undefined;
}

function drawPlan(plan: PullPlan): string {
  const { name, revision, commit, kind, architectures, weights, licence, files, missingBytes, bytes } = plan;
  const missing = files.filter(({ isPresent }) => !isPresent).length;
  const rest = missingBytes === bytes ? "" : `, the other ${describeBytes(bytes - missingBytes)} are here`;
  const [architecture] = architectures;
  return [
    `${name} at ${revision}${revision === commit ? "" : ` (${commit.slice(0, 12)})`}`,
    ...(kind === undefined
      ? []
      : [`  kind      ${kind}${architecture === undefined ? "" : ` (${fit(architecture, 60)})`}`]),
    `  licence   ${describeLicence(licence)}${plan.isGated ? ", gated" : ""}`,
    `  weights   ${fit(weights.file, 100)} (${weights.dtype}): ${weights.reason}`,
    `  download  ${describeBytes(missingBytes)} in ${missing} ${missing === 1 ? "file" : "files"}${rest}`,
  ].join("\n");
}

function describeLicence({ id, name, link }: PullPlan["licence"]): string {
  const words = [name ?? id ?? "unknown: its card names none", ...(link === undefined ? [] : [link])];
  return words.map((word) => fit(word, 200)).join(", ");
}

function drawReady({ name, refs, commit, kind, weights, dtype, tokens, bytes }: LocalModel): string {
  const what = kind === undefined ? [] : [kind, `${weights} (${dtype})`, `${tokens} tokens`];
  return `${nameOf(name, refs, commit)} is here: ${[...what, describeBytes(bytes), `commit ${commit.slice(0, 12)}`].join(", ")}`;
}

function describe(local: LocalModel, plan: PullPlan | undefined): object {
  const { name, refs, commit, kind, weights, dtype, tokens, bytes, problem } = local;
  return {
    model: nameOf(name, refs, commit),
    commit,
    kind,
    weights,
    dtype,
    tokens,
    bytes,
    problem,
    ...(plan && {
      revision: plan.revision,
      downloaded_bytes: plan.missingBytes,
      license: plan.licence.id,
      folder: plan.folder,
    }),
  };
}
