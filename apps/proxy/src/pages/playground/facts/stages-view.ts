import { element } from "../../browser/element.ts";
import { counted, dollars, milliseconds } from "./amounts.ts";
import { type Stage, outcomeOf } from "./stages.ts";

/** The stages of a combined model in the order in which they were asked, those of its members below them. */
export function stagesView(stages: readonly Stage[], label: string): HTMLElement {
  return element("ol", { class: "stages", "aria-label": label }, ...stages.map(entry));
}

function entry(stage: Stage): HTMLElement {
  const outcome = outcomeOf(stage);
  const figures = [
    counted(stage.documents, "document"),
    milliseconds(stage.milliseconds),
    stage.cost === undefined ? "" : dollars(stage.cost),
  ];
  const wasAsked = stage.documents > 0;
  return element(
    "li",
    stage.failed === undefined ? {} : { "data-failed": "" },
    element("b", {}, stage.model),
    ...(outcome === "" ? [] : [element("span", { class: "outcome" }, outcome)]),
    ...(wasAsked ? [element("span", { class: "quiet" }, figures.filter((part) => part !== "").join(" · "))] : []),
    ...(stage.stages ? [stagesView(stage.stages, `Members of ${stage.model}`)] : []),
  );
}
