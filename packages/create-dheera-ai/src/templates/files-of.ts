import type { Choices, NewFile, Template } from "../choices.ts";
import { libraryFiles } from "./library/library.ts";
import { providerFiles } from "./provider/provider.ts";
import { proxyFiles } from "./proxy/proxy.ts";

/** Everything that is written, by template. */
export function filesOf(choices: Choices): readonly NewFile[] {
  return makers[choices.template](choices).toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

const makers = { proxy: proxyFiles, provider: providerFiles, library: libraryFiles } satisfies Record<
  Template,
  (choices: Choices) => readonly NewFile[]
>;
