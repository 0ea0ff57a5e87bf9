import { type PageState, readPageState } from "./page-state.ts";

const keyName = "dheera-ai-draft";

/** Keeps what is typed for as long as the tab is open. Browsers keep some megabytes; a larger form is not kept. */
export function saveDraft(state: PageState): void {
  try {
    sessionStorage.setItem(keyName, JSON.stringify(state));
  } catch {
    sessionStorage.removeItem(keyName);
  }
}

export function savedDraft(): PageState | undefined {
  const saved = sessionStorage.getItem(keyName);
  return saved === null ? undefined : readPageState(JSON.parse(saved));
}
