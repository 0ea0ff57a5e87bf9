import { copyText } from "../../browser/copy-text.ts";
import { download } from "../../browser/download.ts";
import { element, find } from "../../browser/element.ts";
import { writeFragment } from "./link.ts";
import type { PageState } from "./page-state.ts";

/** Copies a link to the form, or offers it as a file where it is too large for a link. */
export function offerLink(currentState: () => PageState): void {
  const note = find("share-note", HTMLElement);
  find("share", HTMLButtonElement).addEventListener("click", () => {
    const state = currentState();
    void writeFragment(state).then((fragment) =>
      fragment === undefined ? offerFile(state, note) : copyLink(new URL(fragment, location.href).href, note),
    );
  });
}

async function copyLink(link: string, note: HTMLElement): Promise<void> {
  const shown = element("span", {}, link);
  note.replaceChildren("Copy this link: ", shown);
  if (await copyText(link, shown))
    note.replaceChildren("The link was copied. It holds the query, the documents and the options, and no key.");
}

function offerFile(state: PageState, note: HTMLElement): void {
  const button = element("button", { type: "button" }, "Download it as a file");
  button.addEventListener("click", () =>
    download("dheera-ai-playground.json", "application/json", JSON.stringify(state, null, 2)),
  );
  note.replaceChildren("These documents do not fit into a link. ", button, " This page opens the file again.");
}
