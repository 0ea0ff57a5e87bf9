/**
 * Makes docs/images/terminal.svg, the picture of README, from a real run: `node -C source test/recording/make-recording.ts`.
 * Wants Python, for a terminal, and port 4000.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { drawSvg } from "./draw-svg.ts";
import { record } from "./record.ts";
import { columns } from "./story.ts";

const label = "A terminal: documents ranked, a model measured on a collection, and a proxy started";
const picture = fileURLToPath(new URL("../../docs/images/terminal.svg", import.meta.url));
await writeFile(picture, drawSvg(await record(4000), columns, label));
