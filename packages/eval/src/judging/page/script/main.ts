import type { Verdict } from "../../judgements.ts";
import type { JudgingState } from "../../server/exchange.ts";
import { JudgingClient } from "./judging-client.ts";
import { type Place, firstOpen, lastPlace, nextOpen, stepFrom } from "./places.ts";
import { showDone, showPair, showProgress, showQueries } from "./views.ts";
import { find } from "./find.ts";

const client = new JudgingClient();
let state: JudgingState = await client.state();
let place: Place | undefined = firstOpen(state);
/** A judgement is of what is seen: no key counts while one is being saved, or the next document is on its way. */
let busy = false;

const keys: Readonly<Record<string, Verdict>> = { r: 2, p: 1, n: 0, s: "skipped", "2": 2, "1": 1, "0": 0 };

for (const button of document.querySelectorAll<HTMLElement>("[data-verdict]"))
  button.addEventListener("click", () => void judge(keys[button.getAttribute("aria-keyshortcuts") ?? ""] ?? "skipped"));
find("back", HTMLButtonElement).addEventListener("click", () => void move(-1));
find("forward", HTMLButtonElement).addEventListener("click", () => void move(1));
find("again", HTMLButtonElement).addEventListener("click", () => void go(lastPlace(state)));
find("finish", HTMLButtonElement).addEventListener("click", () => void finish());
document.addEventListener("keydown", onKey);
// Another tab may have gone on.
document.addEventListener("visibilitychange", () => void refresh());
await show();

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const key = event.key.toLowerCase();
  const verdict = keys[key];
  if (verdict !== undefined) void judge(verdict);
  else if (key === "b" || key === "arrowleft") void move(-1);
  else if (key === "f" || key === "arrowright") void move(1);
  else return;
  event.preventDefault();
}

async function judge(verdict: Verdict): Promise<void> {
  const judged = place;
  if (judged === undefined) return;
  await alone(async () => {
    const saved = await client.judge(state, judged, verdict);
    state = saved.state;
    if (saved.isOvertaken) return say("It was judged in another tab meanwhile. Press again to change that.");
    place = nextOpen(state, judged);
    say("");
  });
}

function move(by: number): Promise<void> {
  // From the end, back is the last pair.
  return go(place === undefined ? (by < 0 ? lastPlace(state) : undefined) : stepFrom(state, place, by));
}

function go(to: Place | undefined): Promise<void> {
  return alone(async () => {
    if (to !== undefined) place = to;
    say("");
  });
}

async function refresh(): Promise<void> {
  if (document.visibilityState === "visible")
    await alone(async () => {
      state = await client.changes(state);
    });
}

async function finish(): Promise<void> {
  await alone(async () => {
    await client.finish();
    document.removeEventListener("keydown", onKey);
    for (const button of document.querySelectorAll("button")) button.disabled = true;
    say("Finished: everything is written. This tab may be closed.");
  });
}

/** Does one thing at a time, then shows how it is. */
async function alone(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  try {
    await work();
    await showNow();
  } catch (error) {
    // What is on the screen has not been judged.
    say(`Not saved: ${error instanceof Error ? error.message : "the command does not answer"}`);
  } finally {
    busy = false;
  }
}

function show(): Promise<void> {
  return alone(async () => {});
}

/** All at once, so that whoever sees one part of it can go on. */
async function showNow(): Promise<void> {
  const text = place && (await client.text(place.document));
  showProgress(state);
  showQueries(state, place, (to) => void go(to));
  if (place && text) showPair(state, place, text);
  else showDone(state);
}

function say(text: string): void {
  find("status", HTMLElement).textContent = text;
}
