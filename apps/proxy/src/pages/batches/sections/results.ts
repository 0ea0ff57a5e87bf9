import { element } from "../../browser/element.ts";
import { count } from "../../parts/amounts.ts";
import { adviceOn } from "../../parts/notices.ts";
import { table } from "../../parts/table.ts";
import { button, named } from "../../parts/words.ts";
import type { Batch } from "../calls/objects.ts";
import { readLines } from "../calls/read-lines.ts";
import { bytesWords } from "../state/durations.ts";
import { ErrorCounts, type ErrorKind } from "../state/error-kinds.ts";
import type { Scene } from "./scene.ts";
import { hasEnded } from "./state-words.ts";

/** Lines of the error file that are counted: millions of them would take minutes to come. */
const mostCounted = 10_000;
/** Characters of a line that are read: its code and its message are shorter. */
const mostCharacters = 20_000;

/** The files of a batch to be saved, and its errors by kind. */
export function resultParts(scene: Scene, batch: Batch): readonly Node[] {
  const { output_file_id: output, error_file_id: errors } = batch;
  if (!hasEnded(batch))
    return batch.request_counts.failed === 0
      ? []
      : [element("p", { class: "quiet" }, "What failed is sorted by kind when the batch has ended.")];
  return [
    ...(output === null && errors === null
      ? []
      : [
          element(
            "div",
            { class: "actions" },
            ...(output === null ? [] : [saveButton(scene, output, "output")]),
            ...(errors === null ? [] : [saveButton(scene, errors, "errors")]),
          ),
        ]),
    ...(errors === null ? [] : [errorKinds(scene, errors)]),
  ];
}

/**
 * Lets the browser save the file itself, by a link that needs no key: so a file of gigabytes goes to the disk as it arrives. Read by this
 * page it would have to fit into memory.
 */
function saveButton({ client, say, complain }: Scene, fileId: string, what: string): HTMLButtonElement {
  const made = button(
    `Download the ${what}`,
    () => {
      void (async () => {
        made.setAttribute("aria-busy", "true");
        try {
          element("a", { href: await client.link(fileId), download: "" }).click();
          say(`Your browser saves the ${what}.`);
        } catch (error) {
          complain(error);
        } finally {
          made.removeAttribute("aria-busy");
        }
      })();
    },
    what === "output" ? "primary" : "plain",
  );
  // Its size is worth knowing before, and nothing is lost without it.
  void client.file(fileId).then(
    ({ bytes }) => made.append(` (${bytesWords(bytes)})`),
    () => undefined,
  );
  return made;
}

function errorKinds({ client }: Scene, fileId: string): HTMLElement {
  const section = element("section", { "aria-busy": "true" }, element("h2", {}, "Errors by kind"));
  void (async () => {
    const counts = new ErrorCounts();
    try {
      for await (const line of readLines(await client.content(fileId), mostCharacters)) {
        if (counts.lines === mostCounted) {
          section.append(element("p", { class: "quiet" }, `Of the first ${count(mostCounted)} that failed.`));
          break;
        }
        counts.add(line);
      }
      section.append(table("Errors by kind", columns, counts.kinds()));
    } catch (error) {
      section.append(element("p", { class: "problem" }, adviceOn(error)));
    } finally {
      section.removeAttribute("aria-busy");
    }
  })();
  return section;
}

const columns = [
  { head: "Kind", cell: ({ code }: ErrorKind) => element("code", {}, code) },
  { head: "Lines", isNumber: true, cell: ({ lines }: ErrorKind) => count(lines) },
  {
    head: "The first of them",
    cell: ({ example: { customId, message } }: ErrorKind) =>
      element(
        "span",
        { class: "message" },
        message,
        ...(customId === "" ? [] : [element("small", {}, "custom_id ", named(customId))]),
      ),
  },
] as const;
