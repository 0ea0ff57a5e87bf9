import { onTestFinished } from "vitest";

import {
  type TextEmbeddings,
  type TextEmbeddingsOptions,
  startTextEmbeddingsProcess,
} from "./text-embeddings-process.ts";

/** A server that is ended with the test. */
export async function startTextEmbeddings(options: TextEmbeddingsOptions = {}): Promise<TextEmbeddings> {
  const server = await startTextEmbeddingsProcess(options);
  onTestFinished(() => server.kill());
  return server;
}
