/** One promise of the contract: a sentence, and what proves it. `run` rejects when the promise is broken. */
export interface Check {
  readonly name: string;
  run(): Promise<void>;
}
