import { announce, element, find, setText } from "../browser/element.ts";
import { Refusal } from "../browser/refusal.ts";
import { rememberKey } from "../browser/remembered.ts";
import { openForms } from "../parts/dialogs.ts";
import { adviceOn, problemNotice } from "../parts/notices.ts";
import { BatchClient } from "./calls/batch-client.ts";
import { batchView } from "./sections/batch.ts";
import { storageNotice } from "./sections/first-batch.ts";
import { batchList } from "./sections/list.ts";
import { NewBatch } from "./sections/new-batch.ts";
import type { Scene, View } from "./sections/scene.ts";

const content = find("content", HTMLElement);
const key = find("key", HTMLInputElement);
const scene: Scene = {
  client: new BatchClient(() => key.value.trim()),
  say,
  complain: (error) => say(adviceOn(error), true),
  calm: () => announce("problem", ""),
  open: (id, news) => {
    history.pushState(null, "", `#${id}`);
    void show(news);
  },
};
const newBatch = new NewBatch(scene);
let shown: View | undefined;
/** Counts what was asked to be shown: what is overtaken is not shown any more. */
let asked = 0;

rememberKey(find("access", HTMLFormElement), key, () => void show());
find("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  // Its fragment would be taken for a batch.
  event.preventDefault();
  find("title", HTMLElement).focus();
});
addEventListener("hashchange", () => void show());
await show("", true);

/** Draws what the address names: a batch, or all of them. @param isFirst the focus stays where browsers put it */
async function show(news = "", isFirst = false): Promise<void> {
  const mine = ++asked;
  shown?.leave();
  shown = undefined;
  for (const form of openForms()) form.close();
  say(news);
  const id = location.hash.slice(1);
  let view: View;
  try {
    view = await (id === "" ? batchList(scene, newBatch.place) : batchView(scene, id));
  } catch (error) {
    if (mine === asked) showProblem(error);
    return;
  }
  if (mine !== asked) return view.leave();
  shown = view;
  setTitle(view.title);
  content.replaceChildren(...view.content);
  document.body.removeAttribute("data-loading");
  if (isFirst || document.activeElement === key) return;
  find("title", HTMLElement).focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

function showProblem(error: unknown): void {
  setTitle("Batches");
  document.body.removeAttribute("data-loading");
  if (error instanceof Refusal && error.message.includes("batch_settings.storage"))
    return content.replaceChildren(storageNotice());
  const back = element("p", { class: "back" }, element("a", { href: "#" }, "All batches"));
  const notice = problemNotice(error, () => void show());
  content.replaceChildren(...(location.hash.length > 1 ? [back] : []), notice);
  if (error instanceof Refusal && error.status === 401) key.focus();
}

function setTitle(title: string): void {
  setText("title", title);
  document.title = title === "Batches" ? "Batches · Dheera AI" : `${title} · Batches · Dheera AI`;
}

/** Says what happened, to those who hear and to those who see. */
function say(news: string, isProblem = false): void {
  announce(isProblem ? "problem" : "news", news);
  announce(isProblem ? "news" : "problem", "");
}
