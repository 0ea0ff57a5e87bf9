import { element } from "../../browser/element.ts";
import { choiceField } from "../../parts/fields.ts";
import { adviceOn } from "../../parts/notices.ts";
import { button, named } from "../../parts/words.ts";
import { uploadFile } from "../calls/upload.ts";
import { bytesWords, durationWords } from "../state/durations.ts";
import { type FirstLine, endpoints } from "../state/first-line.ts";
import { type Sample, paceOf, secondsLeft, withSample } from "../state/pace.ts";
import { peekAt } from "./peek.ts";
import type { Scene } from "./scene.ts";

const windows = [
  ["1h", "an hour"],
  ["24h", "a day"],
  ["7d", "7 days"],
  ["30d", "30 days"],
] as const;

/** Takes a file that is picked or dropped anywhere on the page, uploads it and starts a batch on it. It stays while other views come and go. */
export class NewBatch {
  readonly place = element("section", { class: "new", "aria-label": "New batch" });
  readonly #scene: Scene;
  readonly #input = element("input", { type: "file", accept: ".jsonl,.ndjson,.gz,application/jsonl", tabindex: "-1" });
  #uploading: AbortController | undefined;
  /** What is there already, where its batch could not begin: gigabytes are not sent twice. */
  #uploaded: { readonly file: File; readonly id: string } | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#input.hidden = true;
    this.#input.setAttribute("aria-label", "File of lines");
    this.#input.addEventListener("change", () => {
      void this.#choose(this.#input.files);
      // The same file may be chosen again after it has been changed.
      this.#input.value = "";
    });
    for (const name of ["dragover", "dragleave", "drop"] as const)
      document.addEventListener(name, (event) => this.#drag(event));
    addEventListener("beforeunload", (event) => {
      if (this.#uploading) event.preventDefault();
    });
    this.#offer();
  }

  #drag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files") || !this.place.isConnected) return;
    // Otherwise the browser would open the file in place of the page.
    event.preventDefault();
    this.place.toggleAttribute("data-dragging", event.type === "dragover");
    if (event.type === "drop") void this.#choose(event.dataTransfer.files);
  }

  #offer(): void {
    this.place.replaceChildren(
      element("p", {}, "Drop a file of JSON lines here to rank them as a batch."),
      button("Choose a file", () => this.#input.click(), "primary"),
      this.#input,
    );
  }

  async #choose(files: FileList | null): Promise<void> {
    const file = files?.[0];
    if (!file || this.#uploading) return;
    this.#ask(file, await peekAt(file));
  }

  #ask(file: File, first: FirstLine | undefined): void {
    const problem = element("p", { class: "problem", role: "alert" });
    const isThere = this.#uploaded?.file === file;
    const start = element(
      "button",
      { type: "submit", class: "primary" },
      isThere ? "Start the batch" : "Upload and start",
    );
    const form = element(
      "form",
      {},
      element(
        "p",
        {},
        named(file.name),
        element(
          "small",
          { class: "quiet" },
          ` ${bytesWords(file.size)}${first?.kind === "request" ? `, for ${first.model}` : ""}`,
        ),
      ),
      element(
        "div",
        { class: "row" },
        choiceField(
          "endpoint",
          "Endpoint, as its lines have it",
          endpoints.map((one) => [one, one]),
          first?.kind === "request" ? first.endpoint : endpoints[0],
        ),
        choiceField("window", "What has not ended is given up after", windows, "24h"),
      ),
      problem,
      element(
        "div",
        { class: "actions" },
        start,
        button("Choose another file", () => this.#input.click()),
        button("Discard", () => this.#reset()),
      ),
      this.#input,
    );
    problem.hidden = first?.kind !== "problem";
    if (first?.kind === "problem") problem.textContent = first.message;
    if (file.size === 0) problem.textContent = "The file is empty.";
    if (file.size === 0 || first?.kind === "problem") {
      problem.hidden = false;
      start.remove();
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = new FormData(form);
      void this.#run(file, String(values.get("endpoint")), String(values.get("window")), (error) => {
        this.#ask(file, first);
        const said = this.place.querySelector<HTMLElement>(".problem");
        if (!said) return;
        said.textContent = adviceOn(error);
        said.hidden = false;
      });
    });
    this.place.replaceChildren(form);
    (start.isConnected ? start : form.querySelector("button"))?.focus();
  }

  async #run(file: File, endpoint: string, window: string, failed: (error: unknown) => void): Promise<void> {
    const { client } = this.#scene;
    const uploading = (this.#uploading = new AbortController());
    const progress = uploadProgress(file, () => uploading.abort());
    this.place.replaceChildren(progress.place, this.#input);
    progress.place.querySelector("button")?.focus();
    try {
      if (this.#uploaded?.file !== file) {
        const { id } = await uploadFile(client, file, progress.show, uploading.signal);
        this.#uploaded = { file, id };
      }
      const batch = await client.create({ fileId: this.#uploaded.id, endpoint, window });
      this.#uploaded = undefined;
      const isLookedAt = this.place.isConnected;
      this.#offer();
      const news = `${file.name} is uploaded, and its batch has begun.`;
      if (isLookedAt) this.#scene.open(batch.id, news);
      else this.#scene.say(news);
    } catch (error) {
      if (uploading.signal.aborted) this.#reset();
      else failed(error);
    } finally {
      this.#uploading = undefined;
    }
  }

  #reset(): void {
    this.#offer();
    this.place.querySelector("button")?.focus();
  }
}

/** How far an upload is, and a button that ends it. */
function uploadProgress(
  file: File,
  cancel: () => void,
): { readonly place: HTMLElement; show(this: void, sent: number): void } {
  const label = `Upload of ${file.name}`;
  const bar = element("span", { class: "bar", role: "progressbar", "aria-label": label }, element("span"));
  const words = element("p", { class: "quiet" });
  let samples: readonly Sample[] = [];
  const show = (sent: number): void => {
    const share = file.size === 0 ? 1 : sent / file.size;
    samples = withSample(samples, { at: performance.now(), ended: sent });
    const pace = paceOf(samples);
    const left = secondsLeft(file.size - sent, pace);
    bar.style.setProperty("--length", String(share));
    bar.setAttribute("aria-valuenow", String(Math.floor(share * 100)));
    words.textContent = [
      share < 1 ? `${bytesWords(sent)} of ${bytesWords(file.size)}` : "The proxy stores the last of it",
      ...(pace === undefined || share === 1 ? [] : [`${bytesWords(pace)} a second`]),
      ...(left === undefined || share === 1 ? [] : [`about ${durationWords(left)} left`]),
    ].join(", ");
  };
  show(0);
  const place = element(
    "div",
    { class: "uploading" },
    element("p", {}, "Uploading ", named(file.name)),
    bar,
    words,
    element("div", { class: "actions" }, button("Cancel the upload", cancel)),
  );
  return { place, show };
}
