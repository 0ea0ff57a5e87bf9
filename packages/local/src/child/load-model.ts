import type { LoadMessage } from "../process/protocol.ts";
import { loadBiEncoder } from "./bi-encoder.ts";
import { loadCrossEncoder } from "./cross-encoder.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { openSession } from "./session.ts";
import { openTokenizer } from "./tokens/tokenizer.ts";

/** @throws Error whose message is a sentence for the operator */
export async function loadModel(message: LoadMessage): Promise<LoadedModel> {
  const { model } = message;
  const tokenizer = await openTokenizer(message);
  const session = await openSession(message);
  const loaded =
    model.kind === "cross-encoder"
      ? loadCrossEncoder(model, tokenizer, session)
      : loadBiEncoder(model, tokenizer, session, message.vectorCacheBytes);
  // Whatever is wrong with it shows before the first request, and the first request is no slower than others.
  const asked = { query: "a", truncate: true, truncationDirection: "right", maxTokensPerDocument: undefined } as const;
  const reading = await loaded.read(asked).prepare("a");
  await reading.score();
  return loaded;
}
