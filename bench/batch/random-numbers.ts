/** Numbers from 0 to 1 of a linear congruential generator (Park and Miller, 1988): the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
