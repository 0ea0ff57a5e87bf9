import { element } from "../../browser/element.ts";
import { openForm } from "../../parts/dialogs.ts";
import { count, dateTime, dollars } from "../../parts/amounts.ts";
import { factList } from "../../parts/facts.ts";
import { table } from "../../parts/table.ts";
import { button, named } from "../../parts/words.ts";
import type { BatchClient } from "../calls/batch-client.ts";
import type { Batch } from "../calls/objects.ts";
import { durationWords, paceWords } from "../state/durations.ts";
import { type Sample, paceOf, secondsLeft, withSample } from "../state/pace.ts";
import { resultParts } from "./results.ts";
import type { Scene, View } from "./scene.ts";
import { batchMark, endedLines, hasEnded, shareDone, stateWords } from "./state-words.ts";
import { type Pace, Watch } from "./watch.ts";

/** One batch: how far it is, how fast, what it costs, what failed, and its files. */
export async function batchView(scene: Scene, id: string): Promise<View> {
  const batch = await scene.client.batch(id);
  const file = await scene.client.file(batch.input_file_id).catch(() => undefined);
  const view = new BatchView(scene, batch, file?.filename);
  return { title: file?.filename ?? id, content: view.content, leave: () => view.watch.stop() };
}

class BatchView {
  readonly watch: Watch;
  readonly content: readonly Node[];
  readonly #scene: Scene;
  readonly #filename: string | undefined;
  readonly #bar = element("span", { class: "bar", role: "progressbar", "aria-label": "Lines done" }, element("span"));
  readonly #figure = element("span", { class: "figure" });
  readonly #lines = element("span", { class: "quiet" });
  readonly #paused = element("p", { class: "warnings" });
  readonly #cancel = button("Cancel the batch", () => this.#ask(), "danger");
  readonly #facts = element("div");
  readonly #problems = element("div");
  readonly #results = element("div", { class: "results" });
  #batch: Batch;
  #samples: readonly Sample[] = [];
  #shown = "";

  constructor(scene: Scene, batch: Batch, filename: string | undefined) {
    this.#scene = scene;
    this.#batch = batch;
    this.#filename = filename;
    this.watch = new Watch(scene, async () => this.#take(await scene.client.batch(batch.id)));
    this.content = [
      element("p", { class: "back" }, element("a", { href: "#" }, "All batches")),
      element(
        "section",
        { class: "progress", "aria-label": "Progress" },
        element(
          "div",
          { class: "between" },
          element("div", { class: "names" }, this.#figure, this.#lines),
          this.#cancel,
        ),
        this.#bar,
        this.#paused,
      ),
      this.#facts,
      this.#problems,
      this.#results,
    ];
    this.watch.begin(this.#take(batch));
  }

  #take(batch: Batch): Pace {
    const before = this.#batch;
    this.#batch = batch;
    if (batch.status === "in_progress")
      this.#samples = withSample(this.#samples, { at: performance.now(), ended: endedLines(batch) });
    // Screen readers announce changes of state alone, because the figures change all the time.
    if (stateWords(before) !== stateWords(batch)) this.#scene.say(`The batch is ${stateWords(batch)}.`);
    this.#draw();
    return hasEnded(batch) ? "over" : "running";
  }

  #draw(): void {
    const batch = this.#batch;
    const { total, failed } = batch.request_counts;
    const share = shareDone(batch);
    // Not rounded up: 100 % is what is done.
    const percent = Math.floor(share * 100);
    this.#bar.style.setProperty("--length", String(share));
    this.#bar.setAttribute("aria-valuenow", String(percent));
    this.#bar.setAttribute("aria-valuetext", `${percent} %, ${linesWords(batch)}`);
    this.#figure.textContent = `${percent} %`;
    this.#lines.textContent = linesWords(batch);
    this.#paused.hidden = batch.paused_for === null || hasEnded(batch);
    this.#paused.textContent = `Paused: ${batch.paused_for}`;
    const isCancellable = !hasEnded(batch) && batch.status !== "cancelling" && batch.status !== "finalizing";
    // A button that has the keyboard is not taken away from under it.
    if (!isCancellable && document.activeElement === this.#cancel) document.querySelector("h1")?.focus();
    this.#cancel.hidden = !isCancellable;
    this.#facts.replaceChildren(factList(this.#factsOf(total - endedLines(batch))));
    const { status, errors, output_file_id, error_file_id } = batch;
    const shown = JSON.stringify([status, errors, output_file_id, error_file_id, failed > 0]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#problems.replaceChildren(...problemParts(batch));
    this.#results.replaceChildren(...resultParts(this.#scene, batch));
  }

  #factsOf(left: number): readonly (readonly [string, Node | string])[] {
    const batch = this.#batch;
    const { request_counts: counts, model, metadata } = batch;
    const isEnded = hasEnded(batch);
    const taken = secondsTaken(batch);
    const pace = isEnded ? taken && endedLines(batch) / taken : paceOf(this.#samples);
    const remaining = secondsLeft(left, pace);
    const ended = endOf(batch);
    return [
      ["State", batchMark(batch)],
      ["Lines a second", pace === undefined ? "–" : paceWords(pace)],
      ...(isEnded
        ? [["Took", taken === undefined ? "–" : durationWords(taken)] as const]
        : [["Time left", remaining === undefined ? "–" : `about ${durationWords(remaining)}`] as const]),
      [isEnded ? "Cost" : "Cost so far", costWords(batch)],
      ["Failed", count(counts.failed)],
      ["Model", model === null ? (counts.total === 0 ? "not known" : "several") : named(model)],
      ["Endpoint", element("code", {}, batch.endpoint)],
      ["Made", timeAt(batch.created_at)],
      ended === undefined ? ["Given up after", timeAt(batch.expires_at)] : ["Ended", timeAt(ended)],
      ["Id", element("code", {}, batch.id)],
      ...(this.#filename === undefined ? [["Input file", "deleted"] as const] : []),
      ...Object.entries(metadata ?? {}).map(([name, value]) => [name, named(value)] as const),
    ];
  }

  #ask(): void {
    openForm({
      title: "Cancel this batch?",
      verb: "Cancel the batch",
      otherwise: "Let it run",
      isDangerous: true,
      content: [
        element(
          "p",
          {},
          "What has been ranked stays in the output and is paid for; the other lines go into the error file. A cancelled batch cannot go on.",
        ),
      ],
      submit: async () => {
        this.#take(await cancelled(this.#scene.client, this.#batch.id));
        this.watch.hurry();
      },
    });
  }
}

/** It may have ended meanwhile, and then there is nothing to cancel. */
async function cancelled(client: BatchClient, id: string): Promise<Batch> {
  try {
    return await client.cancel(id);
  } catch (error) {
    const batch = await client.batch(id);
    if (!hasEnded(batch)) throw error;
    return batch;
  }
}

function costWords(batch: Batch): string {
  if (batch.cost !== null) return dollars(batch.cost);
  return endedLines(batch) === 0 ? "–" : "no price known";
}

function linesWords({ status, request_counts: { total, completed, failed } }: Batch): string {
  if (total === 0) return status === "validating" ? "its lines are being checked" : "no line was ranked";
  const done = `${count(completed + failed)} of ${count(total)} lines`;
  return failed === 0 ? done : `${done}, ${count(failed)} of them failed`;
}

/** Why it failed, or which of its lines are broken. */
function problemParts({ status, errors }: Batch): readonly Node[] {
  if (!errors) return [];
  return [
    element(
      "section",
      {},
      element("h2", {}, status === "failed" ? "Why it failed" : "Lines that are broken"),
      table(
        "Problems of the input",
        [
          { head: "Line", isNumber: true, cell: ({ line }) => (line === null ? "–" : count(line)) },
          { head: "What is wrong", cell: ({ message }) => message },
        ],
        errors.data,
      ),
    ),
  ];
}

function endOf({ completed_at, failed_at, expired_at, cancelled_at }: Batch): number | undefined {
  return completed_at ?? failed_at ?? expired_at ?? cancelled_at ?? undefined;
}

/** Of an ended batch; a batch that took no second took one, because times are whole seconds. */
function secondsTaken(batch: Batch): number | undefined {
  const end = endOf(batch);
  return end === undefined || batch.in_progress_at === null ? undefined : Math.max(1, end - batch.in_progress_at);
}

function timeAt(seconds: number): HTMLElement {
  const date = new Date(seconds * 1_000);
  return element("time", { datetime: date.toISOString() }, dateTime(date.getTime()));
}
