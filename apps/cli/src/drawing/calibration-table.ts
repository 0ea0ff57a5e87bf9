import type { LearnedCalibration } from "@dheera-ai/eval";

import type { Output } from "../terminal.ts";
import { painter } from "./painter.ts";
import { drawTable } from "./table.ts";

/** What `dheera_ai calibrate` learned: how good it is, and the lines of YAML that use it. */
export function drawCalibration(learned: LearnedCalibration, file: string | undefined, output: Output): string {
  const paint = painter(output.color);
  const { model, calibration, pairs, relevant, queries, held_out: heldOut } = learned;
  const count = (amount: number): string => amount.toLocaleString("en");
  const rows = [
    ["scores as they are", heldOut.before],
    ["always the same probability", heldOut.constant],
    [`calibrated (${calibration.method})`, heldOut.after],
  ] as const;
  const columns = [
    { heading: "on held-out queries" },
    ...["log loss", "Brier", "calibration error"].map((heading) => ({ heading, align: "right" as const })),
  ];
  return [
    paint(
      "dim",
      `${model}: ${count(pairs)} scores (${calibration.score_kind}) of ${count(queries)} queries, ${count(relevant)} relevant`,
    ),
    "",
    ...drawTable(
      columns,
      rows.flatMap(([name, losses]) =>
        losses === null
          ? []
          : [[name, ...[losses.log_loss, losses.brier, losses.calibration_error].map((loss) => loss.toFixed(4))]],
      ),
      (heading) => paint("dim", heading),
      output.width,
    ),
    "",
    paint("dim", "# In the model's entry of the configuration:"),
    "      dheera_ai_params:",
    `        calibration: ${file === undefined ? JSON.stringify(calibration) : JSON.stringify(file)}`,
  ].join("\n");
}
