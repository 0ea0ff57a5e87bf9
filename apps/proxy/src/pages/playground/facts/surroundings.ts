import { element, find, setText } from "../../browser/element.ts";
import type { Drawable } from "../answer/column.ts";
import { showExplanations } from "./explain-view.ts";
import { factsView } from "./facts-view.ts";
import { scaleWords } from "./score-words.ts";
import { stagesView } from "./stages-view.ts";

/**
 * What stands above and below the rankings. One ranking has its warnings, stages and facts there; several have them in
 * their columns.
 */
export function showSurroundings(shown: readonly Drawable[], isCompared: boolean): void {
  const alone = isCompared ? undefined : shown[0]?.answer;
  showWarnings(alone?.warnings ?? []);
  fill("stages", alone && alone.stages.length > 0 ? [stagesView(alone.stages, `Stages of ${alone.asked}`)] : []);
  fill("facts", alone ? [factsView(alone)] : []);
  find("agreement", HTMLElement).hidden = !isCompared;
  setText("scale", scaleWords(shown));
  showExplanations(shown.map(({ answer }) => answer));
  if (isCompared || alone) find("invitation", HTMLElement).hidden = true;
}

function fill(id: string, content: readonly HTMLElement[]): void {
  const place = find(id, HTMLElement);
  place.replaceChildren(...content);
  place.hidden = content.length === 0;
}

function showWarnings(warnings: readonly string[]): void {
  const list = find("warnings", HTMLUListElement);
  list.replaceChildren(...warnings.map((warning) => element("li", {}, warning)));
  list.hidden = warnings.length === 0;
}
