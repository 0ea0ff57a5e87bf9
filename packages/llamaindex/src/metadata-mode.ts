import type { MetadataMode } from "@llamaindex/core/schema";
import { DheeraError } from "dheera-ai";

/**
 * LlamaIndex's own word for a mode. It is not imported: programs often have two versions of `@llamaindex/core`, and loading
 * the second makes the first complain.
 * @throws DheeraError `invalid_request` for any other word.
 */
export function modeOf(mode: string = "EMBED"): MetadataMode {
  if (isMode(mode)) return mode;
  throw new DheeraError("invalid_request", `metadataMode: must be one of ${modes.join(", ")}`, {
    param: "metadataMode",
  });
}

const modes: readonly `${MetadataMode}`[] = ["EMBED", "LLM", "ALL", "NONE"];

function isMode(mode: string): mode is MetadataMode {
  return modes.some((known) => known === mode);
}
