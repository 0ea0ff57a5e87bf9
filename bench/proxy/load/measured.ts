/** What is asked, and where. */
export interface Target {
  readonly url: string;
  readonly body: string;
  readonly key?: string;
  /** Beside the type of the body and the key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `serial` in the body is replaced by something else in each request, so that nothing of it is known. */
  readonly unique?: boolean;
}

export interface Load extends Target {
  readonly connections: number;
  readonly seconds: number;
}

export interface Measured {
  /** Answered, those included that only warmed the generator up. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly failures: number;
}
