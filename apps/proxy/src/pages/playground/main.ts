import { announce, find, setText } from "../browser/element.ts";
import { rememberKey } from "../browser/remembered.ts";
import { RankingView } from "./answer/ranking-view.ts";
import type { Deployment } from "./deployments/deployment-list.ts";
import { DeploymentsView } from "./deployments/deployments-view.ts";
import { acceptFiles } from "./documents/file-picker.ts";
import { type Answer, ProxyClient, Refusal, messageOf } from "./proxy-client.ts";
import { CodeView } from "./request/code-view.ts";
import { RequestForm, type TypedRequest } from "./request/request-form.ts";
import { saveDraft, savedDraft } from "./state/draft.ts";
import { readFragment } from "./state/link.ts";
import { offerLink } from "./state/share-view.ts";

const key = find("key", HTMLInputElement);
const proxy = new ProxyClient(() => key.value.trim());
const code = new CodeView(() => key.value.trim() !== "");
const ranking = new RankingView();
const answerPart = find("answer", HTMLElement);
const form: RequestForm = new RequestForm(
  () => queueMicrotask(draft),
  () => void rerank(),
);
const deployments = new DeploymentsView(proxy, (known) => offerModels(undefined, known));
let models: readonly string[] = [];
let served: readonly Deployment[] = [];
let unavailable: ReadonlySet<string> = new Set();
let running = new AbortController();

rememberKey(find("access", HTMLFormElement), key, () => void start());
acceptFiles({
  takeDocuments: (documents) => form.takeDocuments(documents),
  takeState: (state) => form.open(state),
});
offerLink(() => form.state());
find("edit", HTMLButtonElement).addEventListener("click", () => form.focus());
addEventListener("pagehide", () => saveDraft(form.state()));
addEventListener("hashchange", () => void openLink());
await openLink();
await start();

/** Opens the form of the link, or else what was typed before the page was loaded again. */
async function openLink(): Promise<void> {
  const shared = await readFragment(location.hash);
  const state = shared ?? savedDraft();
  if (state) form.open(state);
  // Otherwise the link would win over what is typed from now on when the page is loaded again.
  if (shared) history.replaceState(null, "", location.pathname + location.search);
}

/** Runs at the start and when the key changes, because another key may be allowed other models. */
async function start(): Promise<void> {
  const looking = deployments.refresh();
  try {
    const names = await proxy.models();
    await looking;
    offerModels(names);
    setText("problem", names.length === 0 ? "There is no model that this key may use." : "");
  } catch (error) {
    offerModels([]);
    complain(error);
  }
  draft();
}

function offerModels(names: readonly string[] = models, known?: readonly Deployment[]): void {
  models = names;
  if (known) {
    served = known;
    unavailable = withoutDeployment(known);
  }
  form.offerModels(models, unavailable);
  noteModel();
}

/** Model names none of whose deployments can be called. */
function withoutDeployment(known: readonly Deployment[]): ReadonlySet<string> {
  const groups = Map.groupBy(known, ({ modelName }) => modelName);
  return new Set([...groups].flatMap(([name, all]) => (all.every(isUnavailable) ? [name] : [])));
}

function isUnavailable({ state }: Deployment): boolean {
  return state === "unavailable";
}

/** Says of the chosen model when it runs on the proxy's own machine: nobody need ask where the documents go. */
function noteModel(): void {
  const chosen = served.filter(({ modelName }) => modelName === form.model());
  const [first] = chosen;
  const runsHere = first !== undefined && chosen.every((deployment) => deployment.runsHere);
  setText(
    "model-note",
    runsHere ? `${first.model} runs on the proxy's own machine: documents go to no other server.` : "",
  );
}

/** Runs while the user types: counts the documents and updates the code to match the form. */
function draft(): void {
  noteModel();
  const output = find("document-count", HTMLOutputElement);
  try {
    const { body, note } = form.read();
    const { length } = body.documents;
    const counted = length === 1 ? "1 document" : `${count(length)} documents`;
    output.textContent = note === undefined ? counted : `${counted}: ${note}`;
    code.show(body);
  } catch (error) {
    output.textContent = messageOf(error);
  }
}

/** Sends a new request, or one for each of two models. Earlier requests without an answer are aborted. */
async function rerank(): Promise<void> {
  // Without a key that is needed there is no model, and `start` asks for the key.
  if (models.length === 0) return start();
  running.abort();
  running = new AbortController();
  const { signal } = running;
  form.setBusy(true);
  showAnswerPart();
  try {
    const request = form.read();
    announce("announcement", "Reranking…");
    const { answers, problem } = await ask(request, signal);
    setText("problem", problem);
    ranking.show(answers, request.body);
    const [{ results } = { results: [] }] = answers;
    announce("announcement", `${count(results.length)} of ${count(request.body.documents.length)} ranked`);
  } catch (error) {
    if (signal.aborted) return;
    ranking.clear();
    announce("announcement", "");
    complain(error);
  }
  form.setBusy(false);
  await deployments.refresh();
}

/** The answers that came, and what was wrong with the one that did not. @throws when none came */
async function ask(
  { body, other }: TypedRequest,
  signal: AbortSignal,
): Promise<{ readonly answers: readonly Answer[]; readonly problem: string }> {
  const names = other === undefined ? [body.model] : [body.model, other];
  const settled = await Promise.allSettled(names.map((model) => proxy.rerank({ ...body, model }, signal)));
  const answers = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = settled.findIndex(({ status }) => status === "rejected");
  const failure = settled[failed];
  if (failure?.status !== "rejected") return { answers, problem: "" };
  if (answers.length === 0) throw failure.reason;
  return { answers, problem: `${names[failed]}: ${messageOf(failure.reason)}` };
}

/** On a small screen the answer lies below the form, out of sight. */
function showAnswerPart(): void {
  if (!matchMedia("(max-width: 56rem)").matches) return;
  answerPart.scrollIntoView();
  answerPart.focus({ preventScroll: true });
}

function complain(error: unknown): void {
  setText("problem", messageOf(error));
  if (error instanceof Refusal && error.status === 401) key.focus();
}

function count(value: number): string {
  return value.toLocaleString("en");
}
