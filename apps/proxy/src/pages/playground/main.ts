import { clearRanking, showRanking } from "./answer/ranking-view.ts";
import { DeploymentsView } from "./deployments/deployments-view.ts";
import { announce, find, setText } from "./element.ts";
import { ProxyClient, Refusal, messageOf } from "./proxy-client.ts";
import { CodeView } from "./request/code-view.ts";
import { RequestForm } from "./request/request-form.ts";

const key = find("key", HTMLInputElement);
const proxy = new ProxyClient(() => key.value.trim());
const form = new RequestForm(draft, () => void rerank());
const code = new CodeView(() => key.value.trim() !== "");
let running = new AbortController();
const keyName = "dheera-ai-key";
const deployments = new DeploymentsView(proxy);

rememberKey(find("access", HTMLFormElement), key, () => void start());
await start();

/** Runs at the start and when the key changes, because another key may be allowed other models. */
async function start(): Promise<void> {
  try {
    form.offerModels(await proxy.models());
    setText("problem", "");
  } catch (error) {
    complain(error);
  }
  draft();
  await deployments.refresh();
}

/** Runs while the user types: counts the documents and updates the code to match the form. */
function draft(): void {
  try {
    const body = form.read();
    const { length } = body.documents;
    setText("document-count", length === 1 ? "1 document" : `${count(length)} documents`);
    code.show(body);
  } catch (error) {
    setText("document-count", messageOf(error));
  }
}

/** Sends a new request. An earlier request that has no answer yet is aborted. */
async function rerank(): Promise<void> {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  form.setBusy(true);
  try {
    const body = form.read();
    const answer = await proxy.rerank(body, signal);
    setText("problem", "");
    showRanking(answer, body.documents);
    announce("announcement", `${count(answer.results.length)} of ${count(body.documents.length)} documents ranked`);
  } catch (error) {
    if (signal.aborted) return;
    clearRanking();
    announce("announcement", "");
    complain(error);
  }
  form.setBusy(false);
  await deployments.refresh();
}

function complain(error: unknown): void {
  setText("problem", messageOf(error));
  if (error instanceof Refusal && error.status === 401) key.focus();
}

function count(value: number): string {
  return value.toLocaleString("en");
}

/** Keeps the typed key for as long as the tab is open. */
function rememberKey(accessForm: HTMLFormElement, field: HTMLInputElement, changed: () => void): void {
  field.value = sessionStorage.getItem(keyName) ?? "";
  field.addEventListener("change", () => {
    sessionStorage.setItem(keyName, field.value.trim());
    changed();
  });
  // The enter key fires `change` as well, before this.
  accessForm.addEventListener("submit", (event) => event.preventDefault());
}
