/** What a client is asked for. */
export interface Question {
  /** The proxy's address; the client's base URL lies below it. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
  readonly topN: number;
}

/** A ranking as the client's own typed fields had it. */
export interface Ranked {
  readonly ranking: readonly { readonly index: number; readonly score: number }[];
  /** Where the client's answer has a field for them. */
  readonly tokens?: number | undefined;
  /** Documents in the answer, where the client can ask for them. */
  readonly documents?: readonly unknown[];
}

/** An error as the client's own typed fields had it. */
export interface Failure {
  readonly status: number;
  readonly message: string;
}

/** One client of a package, unmodified; only its base URL and its key are set. */
export interface ClientUnderTest {
  /** Its name on npm. */
  readonly package: string;
  /** What of it ranks. */
  readonly call: string;
  /** What its base URL is below the proxy's address. */
  readonly base: string;
  rank(question: Question): Promise<Ranked>;
  /** Undefined for what is no error of the client. */
  failureOf(error: unknown): Failure | undefined;
}
