import { unusableKeyHash } from "../../access/hash-key.ts";
import type { ConfigProblem } from "../config-error.ts";
import type { ConfigFile } from "../read/config-file.ts";
import { type Path, isCallerKey, keyOf } from "../read/path.ts";
import { type DataRecord, setIn } from "../read/record.ts";
import type { MissingVariable } from "../read/resolve-references.ts";

export interface Excused {
  readonly data: DataRecord;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly string[];
  /** Position in this file's `model_list` → why the entry cannot serve. */
  readonly unavailable: ReadonlyMap<number, string>;
  /** Position in this file's `credential_list` → why no deployment can serve with it. */
  readonly unusableCredentials: ReadonlyMap<number, string>;
  /** Why no caller is let in with the master key. */
  readonly locked?: string;
}

/**
 * A variable that is not set disables only what needs it: a deployment cannot serve, or a key lets no caller in.
 * Anywhere else it is a problem, because without the setting the configuration would mean something else than what was
 * written.
 * @param isSilent paths of which no warning is made
 */
export function excuseMissing(
  file: ConfigFile,
  resolved: DataRecord,
  missing: readonly MissingVariable[],
  isSilent: (path: Path) => boolean = () => false,
): Excused {
  let data = resolved;
  let locked: string | undefined;
  const problems: ConfigProblem[] = [];
  const warnings: string[] = [];
  const unavailable = new Map<number, string>();
  const unusableCredentials = new Map<number, string>();

  for (const { path, variable } of missing) {
    const unset = `needs the environment variable ${variable}, which is not set`;
    const [section, name, part, ...rest] = path;
    if (section === "model_list" && typeof name === "number" && part === "dheera_ai_params") {
      unavailable.set(name, `${keyOf(rest)} ${unset}`);
      if (!isSilent(path)) warnings.push(file.warning(path, `${unset}: this deployment cannot serve`));
      if (rest[0] === "model") data = setIn(data, path, `os.environ/${variable}`);
    } else if (section === "credential_list" && typeof name === "number" && part === "credential_values") {
      unusableCredentials.set(name, `${keyOf(rest)} ${unset}`);
      if (!isSilent(path)) warnings.push(file.warning(path, `${unset}: deployments with this credential cannot serve`));
    } else if (section === "general_settings" && name === "master_key") {
      locked = `${keyOf(path)} ${unset}`;
      warnings.push(file.warning(path, `${unset}: it lets nobody in`));
    } else if (isCallerKey(path)) {
      data = setIn(data, path, unusableKeyHash());
      warnings.push(file.warning(path, `${unset}: this key lets nobody in`));
    } else problems.push(file.problem(path, unset));
  }
  return { data, problems, warnings, unavailable, unusableCredentials, ...(locked !== undefined && { locked }) };
}
