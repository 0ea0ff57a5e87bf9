/** Seconds of a rerank request or call: 1 ms to 30 s, fine where rerankers live, between 5 and 500 ms. */
export const latencyBuckets: number[] = [
  0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
  5, 10, 30,
];

/** Seconds that the proxy itself takes: mostly well below a millisecond. */
export const overheadBuckets: number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
];

/** Seconds of waiting for a place. */
export const queueBuckets: number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
