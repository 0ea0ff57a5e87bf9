import { DheeraError } from "@dheera-ai/core";

import type { App } from "../app.ts";
import { errorBody } from "../formats/error-body.ts";
import { callIdOf } from "../http/handle.ts";
import { jsonResponse } from "../http/json-response.ts";

/**
 * The same app, which refuses requests while this many are under way, probes among them: a load balancer then sends
 * them elsewhere. The status is the one of LiteLLM's server for it.
 */
export function limitConcurrency(app: App, most: number): App {
  let underWay = 0;
  return {
    async fetch(request, env) {
      if (underWay >= most) return refuse(request, most);
      underWay += 1;
      try {
        return await app.fetch(request, env);
      } finally {
        underWay -= 1;
      }
    },
  };
}

function refuse({ headers }: Request, most: number): Response {
  const id = callIdOf(headers);
  const failure = new DheeraError(
    "rate_limited",
    `${most} requests are under way, which is all that --limit_concurrency allows; try again`,
  );
  return jsonResponse(errorBody(failure, id), 503, { "x-dheera-call-id": id, "retry-after": "1" });
}
