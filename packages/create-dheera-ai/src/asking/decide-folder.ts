import type { Flags } from "../command-line/flags.ts";
import { UsageError } from "../errors.ts";
import { type Target, lookAtFolder } from "../folder/look-at-folder.ts";
import type { Terminal } from "../terminal.ts";
import type { Person } from "./person.ts";

interface DecidedFolder {
  readonly folder: string;
  readonly target: Target;
  /** Whether it may be written where it is not empty. */
  readonly isAgreed: boolean;
}

/** @throws UsageError for a folder that was typed and cannot be taken; of a person another one is asked for */
export async function decideFolder(
  flags: Flags,
  otherwise: string,
  { cwd }: Terminal,
  person: Person | undefined,
): Promise<DecidedFolder> {
  let folder = flags.folder ?? (await person?.askFolder(otherwise)) ?? otherwise;
  for (;;) {
    folder = folder.replace(/(?<=[^\\/])[\\/]+$/, "");
    const target = await look(folder, cwd, person);
    const isFull = target !== undefined && target.entries.length > 0;
    if (target !== undefined && (!isFull || flags.force || person === undefined))
      return { folder, target, isAgreed: flags.force };
    const answer = isFull ? await person?.askAboutFull(folder, target.entries) : "other";
    if (target !== undefined && answer === "write") return { folder, target, isAgreed: true };
    folder = (await person?.askFolder(otherwise)) ?? otherwise;
  }
}

async function look(folder: string, cwd: string, person: Person | undefined): Promise<Target | undefined> {
  try {
    return await lookAtFolder(folder, cwd);
  } catch (error) {
    if (person === undefined || !(error instanceof UsageError)) throw error;
    person.say(error.message);
    return undefined;
  }
}
