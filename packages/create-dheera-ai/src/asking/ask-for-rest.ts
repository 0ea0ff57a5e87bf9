import type { Choices, Part, Template } from "../choices.ts";
import type { Flags } from "../command-line/flags.ts";
import { UsageError } from "../errors.ts";
import type { Target } from "../folder/look-at-folder.ts";
import { nameIn, packageNameOf } from "../folder/names.ts";
import { findThere } from "../folder/write-files.ts";
import { filesOf } from "../templates/files-of.ts";
import { factsOfModel } from "../templates/model.ts";
import type { Terminal } from "../terminal.ts";
import { decideFolder } from "./decide-folder.ts";
import { decidePackageManager } from "./decide-package-manager.ts";
import { type Person, meetPerson } from "./person.ts";
import { someOf } from "./some-of.ts";

/** Everything that is needed to write. */
interface Decided {
  readonly choices: Choices;
  readonly target: Target;
}

/**
 * What was typed, and for the rest what somebody answers, or the default where nobody is to be asked.
 * @throws UsageError that names the flag or the folder that is wrong
 * @throws Stopped where somebody wants no more questions
 */
export async function askForRest(flags: Flags, terminal: Terminal): Promise<Decided> {
  // What was typed wrong is said before anything is asked.
  if (flags.model !== undefined) factsOfModel(flags.model);
  const person = terminal.isInteractive && !flags.yes && !flags.json ? meetPerson() : undefined;
  const template = flags.template ?? (await person?.askTemplate()) ?? "proxy";
  refuseIdle(flags, template);
  const { folder, target, isAgreed } = await decideFolder(flags, defaultFolders[template], terminal, person);
  const model = template === "provider" ? "" : (flags.model ?? (await person?.askModel()) ?? "bm25/default");
  const parts = template === "proxy" ? (flags.parts ?? (await person?.askParts()) ?? defaultParts) : [];
  const name = packageNameOf(nameIn(folder, target.path), defaultFolders[template]);
  const choices = { template, folder, name, model, parts, ...(await decidePackageManager(flags, terminal)) };
  await agreeToReplace(choices, target, isAgreed, person);
  return { choices, target };
}

const defaultParts: readonly Part[] = ["docker"];
const defaultFolders: Readonly<Record<Template, string>> = {
  proxy: "my-proxy",
  provider: "my-provider",
  library: "my-program",
};

/** Flags that would have no effect. */
function refuseIdle({ model, parts = [] }: Flags, template: Template): void {
  if (template === "provider" && model !== undefined)
    throw new UsageError("--model is for the templates proxy and library; a provider brings models of its own");
  if (template !== "proxy" && parts.length > 0)
    throw new UsageError(`--with is for the template proxy, and this is --template ${template}`);
}

/** Refuses a folder that is not empty, unless somebody wants it; then a person still learns what would be replaced. */
async function agreeToReplace(
  choices: Choices,
  target: Target,
  isAgreed: boolean,
  person: Person | undefined,
): Promise<void> {
  if (target.entries.length === 0 || (isAgreed && person === undefined)) return;
  const there = await findThere(target, filesOf(choices));
  const replaced = there.filter(({ isSecret }) => !isSecret).map(({ path }) => path);
  if (isAgreed) return replaced.length > 0 ? person?.agreeToReplace(replaced) : undefined;
  const effect = replaced.length > 0 ? `, which would replace ${replaced.join(", ")}` : ", which would replace nothing";
  throw new UsageError(
    `${describe(choices.folder)} is not empty (${someOf(target.entries)}). Name another folder, or write into it with --force${effect}.`,
  );
}

const describe = (folder: string): string => (folder === "." ? "This folder" : folder);
