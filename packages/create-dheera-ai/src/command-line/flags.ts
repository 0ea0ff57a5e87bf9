import { parseArgs } from "node:util";

import { type PackageManagerName, type Part, type Template, packageManagers, parts, templates } from "../choices.ts";
import { UsageError } from "../errors.ts";

/** What was typed; absent is what was not. */
export interface Flags {
  readonly folder?: string;
  readonly template?: Template;
  readonly model?: string;
  readonly parts?: readonly Part[];
  readonly packageManager?: PackageManagerName;
  readonly install: boolean;
  readonly git: boolean;
  readonly force: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** @throws UsageError that names the flag and what it takes */
export function parseFlags(args: readonly string[]): Flags {
  const { values, positionals } = parse(args);
  if (positionals.length > 1)
    throw new UsageError(`one folder, please: ${positionals.join(", ")}. A name with spaces goes in quotes`);
  const [folder] = positionals;
  const { template, model, with: beside, "package-manager": packageManager } = values;
  if (model === "") throw new UsageError("--model wants <provider>/<model>, such as bm25/default");
  return {
    ...(folder !== undefined && { folder }),
    ...(template !== undefined && { template: pick("--template", templates, template) }),
    ...(model !== undefined && { model }),
    ...(beside !== undefined && { parts: readParts(beside) }),
    ...(packageManager !== undefined && { packageManager: pick("--package-manager", packageManagers, packageManager) }),
    install: values.install,
    git: values.git,
    force: values.force,
    yes: values.yes,
    json: values.json,
    help: values.help,
    version: values.version,
  };
}

/** `docker,redis`; `none` is nothing at all. */
function readParts(text: string): readonly Part[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.join() === "none") return [];
  const picked = new Set(words.map((word) => pick("--with", parts, word, "; several with commas, none for nothing")));
  return parts.filter((part) => picked.has(part));
}

function pick<T extends string>(flag: string, known: readonly T[], text: string, more: string = ""): T {
  const found = known.find((word) => word === text);
  if (found === undefined) throw new UsageError(`${flag} wants one of ${known.join(", ")}${more}; not "${text}"`);
  return found;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      allowNegative: true,
      options: {
        template: { type: "string", short: "t" },
        model: { type: "string", short: "m" },
        with: { type: "string" },
        "package-manager": { type: "string" },
        install: { type: "boolean", default: true },
        git: { type: "boolean", default: true },
        force: { type: "boolean", default: false },
        yes: { type: "boolean", short: "y", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false },
      },
    });
  } catch (error) {
    // Node.js adds advice about the order of arguments that nobody needs here.
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new UsageError(`${reason}; --help lists what there is`);
  }
}
