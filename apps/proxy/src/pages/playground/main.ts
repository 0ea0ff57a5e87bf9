import { announce, find, setText } from "../browser/element.ts";
import { Refusal, messageOf } from "../browser/refusal.ts";
import { rememberKey } from "../browser/remembered.ts";
import type { Outcome } from "./answer/column.ts";
import { RankingView } from "./answer/ranking-view.ts";
import { rerankWithEach } from "./answer/reranking.ts";
import type { Deployment } from "./deployments/deployment-list.ts";
import { DeploymentsView } from "./deployments/deployments-view.ts";
import { acceptFiles } from "./documents/file-picker.ts";
import { JudgeView } from "./judge/judge-view.ts";
import { ProxyClient } from "./proxy-client.ts";
import { CodeView } from "./request/code-view.ts";
import { RequestForm } from "./request/request-form.ts";
import { saveDraft, savedDraft } from "./state/draft.ts";
import { readFragment } from "./state/link.ts";
import { offerLink } from "./state/share-view.ts";

const key = find("key", HTMLInputElement);
const proxy = new ProxyClient(() => key.value.trim());
const code = new CodeView(() => key.value.trim() !== "");
const ranking: RankingView = new RankingView(() => judge.show());
const judge = new JudgeView(ranking);
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
/** Positions of the models whose answers are missing. */
let waiting = new Set<number>();

rememberKey(find("access", HTMLFormElement), key, () => void start());
acceptFiles({
  takeDocuments: (documents) => form.takeDocuments(documents),
  takeState: (state) => form.open(state),
});
offerLink(() => form.state());
find("edit", HTMLButtonElement).addEventListener("click", () => form.focus());
find("cancel", HTMLButtonElement).addEventListener("click", cancel);
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

/**
 * Says of the chosen model which others it asks, or when it runs on the proxy's own machine: nobody need ask where the
 * documents go.
 */
function noteModel(): void {
  const chosen = served.filter(({ modelName }) => modelName === form.model());
  setText("model-note", noteOn(chosen));
}

function noteOn(chosen: readonly Deployment[]): string {
  const [first] = chosen;
  if (first && first.members.length > 0) return `${first.modelName} asks ${first.members.join(", ")}.`;
  const runsHere = first !== undefined && chosen.every((deployment) => deployment.runsHere);
  return runsHere ? `${first.model} runs on the proxy's own machine: documents go to no other server.` : "";
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

/** Sends a new request to each of the chosen models. Earlier requests without an answer are aborted. */
async function rerank(): Promise<void> {
  // Without a key that is needed there is no model, and `start` asks for the key.
  if (models.length === 0) return start();
  running.abort();
  running = new AbortController();
  const { signal } = running;
  try {
    const { body, others } = form.read();
    const names = [body.model, ...others];
    setText("problem", "");
    setBusy(true);
    announce("announcement", "Reranking…");
    waiting = new Set(names.keys());
    const asking = rerankWithEach(proxy, names, body, { begin: (...asked) => ranking.begin(...asked), settle }, signal);
    showAnswerPart();
    const summary = await asking;
    if (!summary) return;
    if (summary.failure !== undefined) throw summary.failure;
    const ranked = `${count(summary.results)} of ${count(body.documents.length)} ranked`;
    const by = summary.answered === names.length ? count(names.length) : `${summary.answered} of ${names.length}`;
    announce("announcement", names.length === 1 ? ranked : `${ranked} by ${by} models`);
  } catch (error) {
    ranking.clear();
    announce("announcement", "");
    complain(error);
    showAnswerPart();
  }
  setBusy(false);
  await deployments.refresh();
}

function settle(position: number, outcome: Outcome): void {
  waiting.delete(position);
  ranking.settle(position, outcome);
  if (waiting.size > 0) announce("announcement", `Waiting for ${waiting.size === 1 ? "one more" : waiting.size}…`);
}

/** Ends all requests that have no answer yet; answers that came stay. */
function cancel(): void {
  running.abort();
  for (const position of waiting) settle(position, { kind: "cancelled" });
  announce("announcement", "Cancelled");
  setBusy(false);
}

function setBusy(isBusy: boolean): void {
  form.setBusy(isBusy);
  find("cancel", HTMLButtonElement).hidden = !isBusy;
}

/** On a small screen, and with many rankings, the answer lies below the form, out of sight. */
function showAnswerPart(): void {
  if (answerPart.offsetTop < innerHeight / 2 && !matchMedia("(max-width: 56rem)").matches) return;
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
