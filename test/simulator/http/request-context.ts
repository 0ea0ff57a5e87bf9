import type { IncomingHttpHeaders } from "node:http";

import { Refused, type TeiErrorType, teiError } from "./answer.ts";
import type { Engine } from "../engine/engine.ts";
import type { Settings } from "../options.ts";
import type { Permits } from "../engine/permits.ts";

/** One request and the server it came to. */
export interface RequestContext {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly permits: Permits;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

export function refused(context: RequestContext, type: TeiErrorType, message: string): Refused {
  return new Refused(teiError(type, message, context.settings.version));
}
