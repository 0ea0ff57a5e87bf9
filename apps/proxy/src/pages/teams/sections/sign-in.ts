import { element } from "../../browser/element.ts";
import { Refusal } from "../../browser/refusal.ts";
import type { ManagementClient } from "../calls/management-client.ts";
import { type Entrance, signInWith } from "../calls/session.ts";
import { textField } from "../../parts/fields.ts";
import { adviceOn } from "../../parts/notices.ts";

/** Lets people in by the company's sign-in, where it is set up, and by a key. @param done called when they are in */
export function signInForm(client: ManagementClient, { hasProvider }: Entrance, done: () => void): HTMLElement {
  const problem = element("p", { class: "problem", role: "alert" });
  problem.hidden = true;
  const send = element("button", { type: "submit", class: hasProvider ? "" : "primary" }, "Sign in with the key");
  const form = element(
    "form",
    { class: "sign-in" },
    textField("key", {
      label: "Key",
      type: "password",
      isRequired: true,
      hint: "The master key, or a key that was made here. The browser keeps a session, not the key.",
    }),
    problem,
    element("div", { class: "actions" }, send),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = new FormData(form).get("key");
    void (async () => {
      send.setAttribute("aria-busy", "true");
      problem.hidden = true;
      try {
        await signInWith(client, typeof key === "string" ? key.trim() : "");
        done();
      } catch (error) {
        problem.textContent = refusedAdvice(error);
        problem.hidden = false;
        form.querySelector("input")?.select();
      } finally {
        send.removeAttribute("aria-busy");
      }
    })();
  });
  const provider = hasProvider
    ? [
        element(
          "p",
          {},
          element(
            "a",
            {
              class: "button primary",
              href: `sso/login?${new URLSearchParams({ return_to: location.pathname + location.hash })}`,
            },
            "Sign in with your company’s account",
          ),
        ),
        element("p", { class: "or quiet" }, "or with a key"),
      ]
    : [];
  return element("div", { class: "entrance" }, ...provider, form);
}

function refusedAdvice(error: unknown): string {
  if (error instanceof Refusal && error.status === 401)
    return "The proxy knows no such key. Look for a letter that is missing, or ask who runs the proxy.";
  return adviceOn(error);
}
