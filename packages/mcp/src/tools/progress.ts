import type { RequestReport } from "@dheera-ai/core";
import type { ServerContext } from "@modelcontextprotocol/server";

/** Milliseconds between two looks. */
const interval = 250;

/**
 * Tells a client that asked for it how many documents have been scored, while there is news; a ranking that takes no
 * longer than one look says nothing. Stopped by disposal.
 */
export function reportProgress({ mcpReq }: ServerContext, report: RequestReport, documents: number): Disposable {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { [Symbol.dispose]() {} };
  let told = 0;
  const timer = setInterval(() => {
    // Chunks of long documents are scored too, so that there may be more of them than documents.
    const progress = Math.min(report.scored, documents);
    if (progress <= told) return;
    told = progress;
    const message = `${progress} of ${documents} documents are scored`;
    // A client that is gone hears nothing, and its ranking is cancelled by its own signal.
    mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, progress, total: documents, message } })
      .catch(() => {});
  }, interval);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
