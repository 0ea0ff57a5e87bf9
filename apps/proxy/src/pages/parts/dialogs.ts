import { element } from "../browser/element.ts";
import { Refusal } from "../browser/refusal.ts";
import { textField } from "./fields.ts";
import { adviceOn } from "./notices.ts";
import { button } from "./words.ts";

interface FormOptions {
  readonly title: string;
  readonly content: readonly Node[];
  /** What the button that sends it says. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  /** What the button beside it says, which leaves everything as it is: where `Cancel` could mean both. */
  readonly otherwise?: string;
  /** Errors are shown at the field that they name, else below all of them; the dialog stays open. */
  submit(form: FormData): Promise<void>;
}

/** Asks for values, or whether to go on, in a dialog. */
export function openForm({
  title,
  content,
  verb,
  isDangerous = false,
  otherwise = "Cancel",
  submit,
}: FormOptions): void {
  const problem = element("p", { class: "problem", role: "alert" });
  problem.hidden = true;
  const send = element("button", { type: "submit", class: isDangerous ? "danger" : "primary" }, verb);
  const form = element(
    "form",
    {},
    ...content,
    problem,
    element(
      "div",
      { class: "actions" },
      send,
      button(otherwise, () => dialog.close()),
    ),
  );
  const dialog = makeDialog(title, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.getAttribute("aria-busy") === "true") return;
    void (async () => {
      send.setAttribute("aria-busy", "true");
      problem.hidden = true;
      forgetProblems(form);
      try {
        await submit(new FormData(form));
        dialog.close();
      } catch (error) {
        if (showAtField(form, error)) return;
        problem.textContent = adviceOn(error);
        problem.hidden = false;
        problem.scrollIntoView({ block: "nearest" });
      } finally {
        send.removeAttribute("aria-busy");
      }
    })();
  });
}

interface DeletionOptions extends Pick<FormOptions, "title" | "verb"> {
  /** What goes with it. */
  readonly consequence: string;
  confirmed(): Promise<void>;
}

/** Asks before something is deleted with much that hangs on it: its id is to be typed. */
export function openDeletionOf(id: string, { title, verb, consequence, confirmed }: DeletionOptions): void {
  openForm({
    title,
    verb,
    isDangerous: true,
    content: [
      element("p", {}, consequence),
      textField("typed", { label: "Type its id to go on", isRequired: true, hint: id }),
    ],
    submit: async (form) => {
      if (form.get("typed") !== id)
        throw new Refusal(0, `That is not its id. Type ${id} to delete it, or cancel.`, "typed");
      await confirmed();
    },
  });
}

/** The forms that are open. What they stand before may be drawn anew, and closes them then; those that are opened meanwhile stay. */
export function openForms(): readonly HTMLDialogElement[] {
  return [...document.querySelectorAll("dialog")].filter((dialog) => dialog.querySelector(":scope > form") !== null);
}

/** @returns whether the form has the field that the error names */
function showAtField(form: HTMLFormElement, error: unknown): boolean {
  const path = error instanceof Refusal ? (error.field ?? "") : "";
  const field = form.elements.namedItem(path.slice(path.lastIndexOf(".") + 1));
  if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return false;
  const id = `${field.id}-problem`;
  field.after(element("span", { id, class: "problem", role: "alert" }, adviceOn(error)));
  field.setAttribute("aria-invalid", "true");
  const hint = field.getAttribute("aria-describedby");
  field.setAttribute("aria-describedby", hint === null ? id : `${id} ${hint}`);
  const more = field.closest("details");
  if (more) more.open = true;
  field.focus();
  return true;
}

function forgetProblems(form: HTMLFormElement): void {
  for (const said of form.querySelectorAll("span.problem")) {
    const field = said.previousElementSibling;
    const hints = (field?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== said.id);
    field?.removeAttribute("aria-invalid");
    if (hints.length === 0) field?.removeAttribute("aria-describedby");
    else field?.setAttribute("aria-describedby", hints.join(" "));
    said.remove();
  }
}

/** Says something that must be read before going on: only its button closes it. */
export function openNote(title: string, content: readonly Node[], verb: string, closed: () => void): void {
  const dialog = makeDialog(title, element("div", {}, ...content));
  dialog.append(
    element(
      "div",
      { class: "actions" },
      button(verb, () => dialog.close(), "primary"),
    ),
  );
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", closed);
}

let made = 0;

function makeDialog(title: string, ...content: readonly Node[]): HTMLDialogElement {
  const id = `dialog-${++made}`;
  const dialog = element(
    "dialog",
    { "aria-labelledby": id, class: "dialog" },
    element("h2", { id }, title),
    ...content,
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    // What opened it may be gone, because somebody was signed out meanwhile: they sign in again, or begin at the title.
    if (document.activeElement !== document.body) return;
    const next = document.querySelector<HTMLElement>(".entrance input") ?? document.querySelector("h1");
    next?.focus();
  });
  document.body.append(dialog);
  // The keyboard begins at the first field. Without one the browser would begin with a button; what the dialog is about comes first.
  const hasField = dialog.querySelector("input:not([type=checkbox], [type=radio]), select, textarea") !== null;
  if (!hasField) dialog.querySelector("h2")?.setAttribute("tabindex", "-1");
  dialog.showModal();
  if (!hasField) dialog.querySelector("h2")?.focus();
  return dialog;
}
