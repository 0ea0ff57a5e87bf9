import { AsyncLocalStorage } from "node:async_hooks";

import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { CallFacts, Usage } from "@dheera-ai/core";

import type { Watcher } from "../combine.ts";
import { errorCodeOf } from "../error-code-of.ts";
import type { RequestFacts, RequestStart } from "../telemetry.ts";

export interface Traces extends Required<Pick<Watcher, "around" | "requestEnded" | "observer" | "outgoingHeaders">> {
  /** Of the trace of the current asynchronous context. */
  traceId(): string | undefined;
}

/**
 * Makes one span a request and one a call to an upstream. Names follow OpenTelemetry's conventions for HTTP and for
 * GenAI, which have no reranking: the operation is called `rerank`, and names without a convention begin with
 * `dheera_ai.`. No query, document or error message is in a span.
 */
export function createTraces(tracer: Tracer): Traces {
  const contexts = new AsyncLocalStorage<Context>();
  const currentSpan = (): Span | undefined => trace.getSpan(contexts.getStore() ?? ROOT_CONTEXT);

  /** Runs something within a span and ends the span with it. */
  async function during<T>(
    span: Span,
    parent: Context,
    run: () => Promise<T>,
    onError: (error: unknown) => void,
  ): Promise<T> {
    try {
      return await contexts.run(trace.setSpan(parent, span), run);
    } catch (error) {
      onError(error);
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    around(start, run) {
      const parent = propagator.extract(ROOT_CONTEXT, start.headers, headersGetter);
      const span = tracer.startSpan(
        `${start.method} ${start.route}`,
        { kind: SpanKind.SERVER, attributes: startAttributes(start) },
        parent,
      );
      return during(span, parent, run, () => fail(span, "internal"));
    },
    requestEnded(facts) {
      const span = currentSpan();
      if (!span?.isRecording()) return;
      span.setAttributes(endAttributes(facts));
      if (facts.status >= 500) fail(span, facts.code ?? String(facts.status));
    },
    observer: {
      call<T extends { readonly usage?: Usage }>(facts: CallFacts, run: () => Promise<T>): Promise<T> {
        const parent = contexts.getStore() ?? ROOT_CONTEXT;
        const span = tracer.startSpan(
          `rerank ${facts.model}`,
          { kind: SpanKind.CLIENT, attributes: callAttributes(facts) },
          parent,
        );
        const counted = async (): Promise<T> => {
          const result = await run();
          const tokens = result.usage?.inputTokens;
          const cost = result.usage?.cost;
          if (tokens !== undefined) span.setAttribute("gen_ai.usage.input_tokens", tokens);
          if (cost !== undefined) span.setAttribute("dheera_ai.cost", cost);
          return result;
        };
        return during(span, parent, counted, (error) => fail(span, errorCodeOf(error, facts.provider)));
      },
    },
    outgoingHeaders() {
      const context = contexts.getStore();
      if (!context) return undefined;
      const headers: Record<string, string> = {};
      propagator.inject(context, headers, headersSetter);
      return headers;
    },
    traceId: () => currentSpan()?.spanContext().traceId,
  };
}

const propagator = new W3CTraceContextPropagator();

const headersGetter = {
  keys: (): string[] => [],
  get: (headers: RequestStart["headers"], name: string): string | undefined => headers.get(name) ?? undefined,
};

const headersSetter = {
  set(headers: Record<string, string>, name: string, value: string): void {
    headers[name] = value;
  },
};

function fail(span: Span, code: string): void {
  span.setAttribute("error.type", code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

type Attributes = Record<string, string | number | boolean>;

function startAttributes({ callId, method, route }: RequestStart): Attributes {
  return { "http.request.method": method, "http.route": route, "dheera_ai.call_id": callId };
}

function endAttributes({ status, code, caller, modelName, report }: RequestFacts): Attributes {
  return {
    "http.response.status_code": status,
    ...(code !== undefined && { "error.type": code }),
    ...(caller !== undefined && { "dheera_ai.key": caller }),
    ...(modelName !== undefined && { "gen_ai.request.model": modelName }),
    ...(report && {
      "gen_ai.operation.name": operation,
      "dheera_ai.documents": report.documents,
      "dheera_ai.batches": report.batches,
      "dheera_ai.retries": report.retries,
      "dheera_ai.fallbacks": report.fallbacks,
      "dheera_ai.cache.hits": report.cacheHits,
      "dheera_ai.cache.misses": report.cacheMisses,
      ...(report.deployment !== undefined && { "dheera_ai.deployment": report.deployment }),
      ...(report.modelName !== undefined && { "gen_ai.response.model": report.modelName }),
      ...(report.tokens > 0 && { "gen_ai.usage.input_tokens": report.tokens }),
      ...(report.unpricedCalls === 0 && report.cost > 0 && { "dheera_ai.cost": report.cost }),
      ...(report.savedCost !== undefined && { "dheera_ai.saved_cost": report.savedCost }),
      ...(report.passthrough !== undefined && { "dheera_ai.passthrough": report.passthrough }),
    }),
  };
}

function callAttributes({
  callId,
  deployment,
  modelName,
  provider,
  model,
  documents,
  queueMilliseconds,
  attempt,
  hedge,
}: CallFacts): Attributes {
  return {
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": model,
    "dheera_ai.call_id": callId,
    "dheera_ai.deployment": deployment,
    "dheera_ai.model_name": modelName,
    "dheera_ai.documents": documents,
    "dheera_ai.queue_ms": queueMilliseconds,
    "dheera_ai.attempt": attempt,
    "dheera_ai.hedge": hedge,
  };
}

const operation = "rerank";
