import { CodeView } from "./request/code-view.ts";
import { DeploymentsView } from "./deployments/deployments-view.ts";
import { announce, find, setText } from "./element.ts";
import { ProxyClient, Refusal, messageOf } from "./proxy-client.ts";
import { clearRanking, showRanking } from "./answer/ranking-view.ts";
import { RequestForm } from "./request/request-form.ts";
import { rememberKey } from "./session-key.ts";

const key = find("key", HTMLInputElement);
const proxy = new ProxyClient(() => key.value.trim());
const form = new RequestForm(draft, () => void rerank());
const code = new CodeView(() => key.value.trim() !== "");
let running = new AbortController();
const deployments = new DeploymentsView(proxy);

rememberKey(find("access", HTMLFormElement), key, () => void start());
await start();

/** With another key other models may be allowed. */
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

/** While one types: count the documents and keep the code the same as the form. */
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

/** Asks once more, even while an answer is awaited: that one is dropped. */
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
