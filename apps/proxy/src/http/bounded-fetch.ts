import { DheeraError } from "@dheera-ai/core";

/**
 * Wraps a `fetch` so that answers beyond a size fail.
 * @param configuredBytes bytes that no answer may have, whatever was asked
 */
export function boundedFetch(fetch: typeof globalThis.fetch, configuredBytes: number): typeof globalThis.fetch {
  return async (input, init) => {
    const mostBytes = mostAnswerBytes(init?.body, configuredBytes);
    const response = await fetch(input, init);
    const { body, headers } = response;
    if (body === null) return response;
    // The connection ends a body at its announced length. A compressed body can grow beyond that length, so it is
    // counted.
    const announced = headers.has("content-encoding") ? null : headers.get("content-length");
    if (announced !== null && Number(announced) <= mostBytes) return response;
    if (announced !== null) {
      await body.cancel();
      throw answerTooLarge(mostBytes);
    }
    return new Response(body.pipeThrough(boundary(mostBytes)), response);
  };
}

/** Bytes that any answer may have: scores of 10,000 documents, a list of many models, a description of an API. */
const bytesOfAnyAnswer = 2_000_000;
/** An answer may repeat what was sent, written with escapes. */
const bytesForByteSent = 4;

/** Bytes that an answer to this request can need, and never more than is configured: calls wait for many answers at once. */
export function mostAnswerBytes(body: unknown, configuredBytes: number): number {
  return Math.min(configuredBytes, bytesOfAnyAnswer + bytesForByteSent * lengthOf(body, configuredBytes));
}

/** Bytes or characters of a body; of a stream or a form as many as there may be, because they are not known. */
function lengthOf(body: unknown, otherwise: number): number {
  if (body === null || body === undefined) return 0;
  if (typeof body === "string") return body.length;
  return body instanceof Uint8Array ? body.byteLength : otherwise;
}

/** An upstream with such an answer is broken or hostile. */
export function answerTooLarge(mostBytes: number): DheeraError {
  return new DheeraError(
    "provider_bad_response",
    `the upstream's answer is larger than the ${mostBytes / 1_000_000} MB allowed (2 MB and four times its request, and never more than general_settings.max_response_size_mb)`,
  );
}

function boundary(mostBytes: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > mostBytes) controller.error(answerTooLarge(mostBytes));
      else controller.enqueue(chunk);
    },
  });
}
