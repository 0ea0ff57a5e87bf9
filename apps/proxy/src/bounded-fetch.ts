import { DheeraError } from "@dheera-ai/core";

/** The same `fetch`, with answers of limited size. */
export function boundedFetch(fetch: typeof globalThis.fetch, mostBytes: number): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    let size = 0;
    const bounded = response.body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          size += chunk.byteLength;
          if (size > mostBytes) controller.error(answerTooLarge(mostBytes));
          else controller.enqueue(chunk);
        },
      }),
    );
    return new Response(bounded, response);
  };
}

/** An upstream that says too much is broken, or means harm. */
export function answerTooLarge(mostBytes: number): DheeraError {
  return new DheeraError(
    "provider_bad_response",
    `the upstream's answer is larger than the ${mostBytes / 1_000_000} MB allowed (general_settings.max_response_size_mb)`,
  );
}
