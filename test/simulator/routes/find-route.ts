import { type Answer, Refused, empty } from "../http/answer.ts";
import { info } from "./info.ts";
import type { Settings } from "../options.ts";
import { predict } from "./predict.ts";
import { rerank } from "./rerank.ts";
import { similarity } from "./similarity.ts";
import type { RequestContext } from "../http/request-context.ts";

export interface Route {
  /** Served without the key. */
  readonly isPublic: boolean;
  readonly answer: (context: RequestContext) => Answer | Promise<Answer>;
}

/** The route of a request. Throws 404 for an unknown path and 405 for an unknown method, both empty. */
export function findRoute(method: string, path: string, settings: Settings): Route {
  const methods = findPath(path, settings);
  if (methods === undefined) throw new Refused(empty(404));
  const route = method === "GET" ? methods.GET : method === "POST" ? methods.POST : undefined;
  if (route === undefined) throw new Refused(empty(405));
  return route;
}

function findPath(path: string, { modelType }: Settings): { readonly GET?: Route; readonly POST?: Route } | undefined {
  switch (path) {
    case "/rerank":
      return { POST: keyed(rerank) };
    case "/predict":
      return { POST: keyed(predict) };
    case "/similarity":
      return { POST: keyed(similarity) };
    case "/info":
      return { GET: keyed(info) };
    case "/":
      return { GET: health, POST: keyed(mainTask[modelType]) };
    case "/invocations":
      return { POST: keyed(mainTask[modelType]) };
    case "/health":
    case "/ping":
      return { GET: health };
    default:
      return undefined;
  }
}

/** An embedding endpoint is taken to be started with TASK=sentence-similarity. */
const mainTask = {
  reranker: rerank,
  classifier: predict,
  embedding: similarity,
} as const satisfies Record<Settings["modelType"], Route["answer"]>;

const health: Route = { isPublic: true, answer: () => empty(200) };

function keyed(answer: Route["answer"]): Route {
  return { isPublic: false, answer };
}
