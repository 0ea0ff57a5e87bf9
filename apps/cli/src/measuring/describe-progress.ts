import type { Progress } from "@dheera-ai/eval";

import { drawBar } from "../drawing/score-bar.ts";

/** How far models are with ranking, for people. @param width columns of the terminal */
export function describeProgress({ done, total, kept, failed, spent }: Progress, width: number): string {
  const bar = width < 70 ? "" : `${drawBar(total === 0 ? 1 : done / total, barWidth).padEnd(barWidth, "░")} `;
  return [
    `${bar}${done.toLocaleString("en")} of ${total.toLocaleString("en")} rankings`,
    ...(kept > 0 ? [`${kept.toLocaleString("en")} kept`] : []),
    ...(failed > 0 ? [`${failed.toLocaleString("en")} failed`] : []),
    ...(spent > 0 ? [`$${Number(spent.toPrecision(3))}`] : []),
  ].join(" · ");
}

const barWidth = 20;
