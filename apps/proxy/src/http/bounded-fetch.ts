import { DheeraError } from "@dheera-ai/core";

/** Wraps a `fetch` so that answers beyond a size fail. */
export function boundedFetch(fetch: typeof globalThis.fetch, mostBytes: number): typeof globalThis.fetch {
  return async (input, init) => {
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

/** An upstream with such an answer is broken or hostile. */
export function answerTooLarge(mostBytes: number): DheeraError {
  return new DheeraError(
    "provider_bad_response",
    `the upstream's answer is larger than the ${mostBytes / 1_000_000} MB allowed (general_settings.max_response_size_mb)`,
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
