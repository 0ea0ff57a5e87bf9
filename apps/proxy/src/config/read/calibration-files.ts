import type { ConfigProblem } from "../config-error.ts";
import type { ConfigFile } from "./config-file.ts";
import type { Path } from "./path.ts";
import { isRecord, setIn } from "./record.ts";

/** More than the largest calibration takes. */
const mostBytes = 2_000_000;

export interface WithCalibrations {
  readonly file: ConfigFile;
  /** What was read beside it. */
  readonly paths: readonly string[];
  readonly problems: readonly ConfigProblem[];
}

/** The same configuration file with the calibrations in it that it names by their files, as paths relative to itself. */
export async function readCalibrations(file: ConfigFile): Promise<WithCalibrations> {
  const { dirname, resolve } = await import("node:path");
  const paths: string[] = [];
  const problems: ConfigProblem[] = [];
  let { data } = file;
  for (const { at, name } of named(file)) {
    const path = resolve(dirname(file.file), name);
    // Also one that cannot be read: it is watched until it can.
    if (!paths.includes(path)) paths.push(path);
    const read = await readJson(path);
    if ("problem" in read) problems.push(file.problem(at, `${name} ${read.problem}`));
    else data = setIn(data, at, read.value);
  }
  return { file: { ...file, data }, paths, problems };
}

/** Entries, and what all of them have in common, whose calibration is a text. */
function named({ data }: ConfigFile): readonly { readonly at: Path; readonly name: string }[] {
  const { model_list: models, router_settings: router } = data;
  const places: readonly (readonly [unknown, Path])[] = [
    ...(Array.isArray(models) ? models : []).map((entry: unknown, index): readonly [unknown, Path] => [
      isRecord(entry) ? entry["dheera_ai_params"] : undefined,
      ["model_list", index, "dheera_ai_params", "calibration"],
    ]),
    [
      isRecord(router) ? router["default_dheera_ai_params"] : undefined,
      ["router_settings", "default_dheera_ai_params", "calibration"],
    ],
  ];
  return places.flatMap(([params, at]) => {
    const name = isRecord(params) ? params["calibration"] : undefined;
    return typeof name === "string" && name !== "" ? [{ at, name }] : [];
  });
}

/** What is in the file is not repeated: a wrong path may lead to any file. */
async function readJson(path: string): Promise<{ readonly value: unknown } | { readonly problem: string }> {
  const { readFile, stat } = await import("node:fs/promises");
  try {
    const { size } = await stat(path);
    if (size > mostBytes) return { problem: "is too large for a calibration; dheera_ai calibrate writes small ones" };
    return { value: JSON.parse(await readFile(path, "utf8")) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: "is not JSON; dheera_ai calibrate writes such a file" };
    return { problem: `cannot be read: ${error instanceof Error ? error.message : "no reason given"}` };
  }
}
