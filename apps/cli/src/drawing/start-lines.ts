import { fit } from "./fit.ts";
import { painter } from "./painter.ts";
import type { Output } from "../terminal.ts";

export interface Start {
  /** As the server says it: `http://0.0.0.0:4000`. */
  readonly url: string;
  readonly models: readonly string[];
  /** No key is asked for, so that callers on this machine alone are served. */
  readonly isKeyless: boolean;
}

/** What a person wants to know of a proxy that has just started: what it serves, to whom, and where to look. */
export function drawStart({ url, models, isKeyless }: Start, output: Pick<Output, "width" | "color">): string {
  const paint = painter(output.color);
  const address = browsable(url);
  const rows = [
    ["models", `${models.length}: ${models.join(", ")}`],
    ["playground", `${address}/`],
    ["API", `${address}/docs`],
    [
      "callers",
      isKeyless
        ? "only this machine, without a key (master_key lets others in)"
        : "those who send a key, as Authorization: Bearer <key>",
    ],
  ] as const;
  return rows.map(([name, text]) => `  ${paint("dim", name.padEnd(10))}  ${fit(text, output.width - 14)}`).join("\n");
}

/** An address that a browser on this machine can open. */
function browsable(url: string): string {
  return url.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:");
}
