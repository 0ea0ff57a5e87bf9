import { copyText } from "../../browser/copy-text.ts";
import { element } from "../../browser/element.ts";
import { asLanguage, rememberLanguage, rememberedLanguage } from "../../browser/remembered.ts";
import type { Language } from "../../code/language.ts";
import { emptyNotice } from "../../parts/notices.ts";
import { button } from "../../parts/words.ts";
import { root } from "../calls/batch-client.ts";
import { firstBatchCode } from "../state/first-batch-code.ts";

const languages = { curl: "curl", typescript: "TypeScript", python: "Python" } as const satisfies Record<
  Language,
  string
>;
const copiedMilliseconds = 2_000;

/** What stands there before the first batch: how to begin, on this page and from a program. */
export function firstBatchNotice(): HTMLElement {
  const code = element("pre", { tabindex: "0", "aria-label": "Code" });
  const base = new URL(`${root}/`, location.href).href.replace(/\/$/, "");
  const draw = (): void => {
    code.textContent = firstBatchCode(rememberedLanguage(), base);
  };
  draw();
  const copy = button("Copy", () => {
    void copyText(code.textContent, code).then((isDone) => {
      copy.textContent = isDone ? "Copied" : "Press Ctrl+C";
      setTimeout(() => (copy.textContent = "Copy"), copiedMilliseconds);
    });
  });
  return emptyNotice(
    "No batch yet",
    "A batch ranks the lines of a file: each line is a request to rerank, with a custom_id by which its answer is found. Drop such a file on this page, or send it from a program: OpenAI’s packages work as they are.",
    element("div", { class: "between" }, languageChoice(draw), copy),
    code,
  );
}

function languageChoice(chosen: () => void): HTMLElement {
  const choice = element(
    "div",
    { class: "segments", role: "radiogroup", "aria-label": "Language" },
    ...Object.entries(languages).map(([value, word]) =>
      element(
        "label",
        {},
        element("input", {
          type: "radio",
          name: "language",
          value,
          ...(value === rememberedLanguage() && { checked: "" }),
        }),
        element("span", {}, word),
      ),
    ),
  );
  choice.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    rememberLanguage(asLanguage(target.value));
    chosen();
  });
  return choice;
}

/** What stands in place of the page where the proxy keeps no files. */
export function storageNotice(): HTMLElement {
  return emptyNotice(
    "Files and batches are kept in a folder or a bucket",
    "This proxy has none. Set batch_settings.storage in its configuration file: a folder is enough for one machine, s3://bucket/prefix serves several.",
    element("pre", {}, "batch_settings:\n  storage: ./batches"),
  );
}
