import { element } from "../browser/element.ts";
import { Refusal } from "../browser/refusal.ts";
import { button } from "./words.ts";

/** What stands in place of a list that has nothing: what it would show, and how to begin. */
export function emptyNotice(title: string, advice: string, ...actions: readonly Node[]): HTMLElement {
  return element("div", { class: "empty" }, element("h2", {}, title), element("p", {}, advice), ...actions);
}

/** What stands in place of a section that could not be read. */
export function problemNotice(error: unknown, again: () => void): HTMLElement {
  return element(
    "div",
    { class: "failed" },
    element("p", { class: "problem", role: "alert" }, adviceOn(error)),
    button("Try again", again),
  );
}

/** What happened, with what to do about it. */
export function adviceOn(error: unknown): string {
  if (!(error instanceof Refusal)) {
    // A mistake of this page is for its authors: its place is on the console.
    console.error(error);
    return "This page failed. Load it anew; if it stays so, the browser’s console says where.";
  }
  const { message } = error;
  const ended = /[.!?]$/.test(message) ? message : `${message}.`;
  if (error.status === 429) return `${ended} Wait a moment, then try again.`;
  if (error.status === 503) return `${ended} It may be away for a while: try again in a minute.`;
  return error.status >= 500 ? `${ended} Try again; if it stays so, the proxy’s log says more.` : ended;
}
