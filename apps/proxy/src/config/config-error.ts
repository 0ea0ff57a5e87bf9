/** One problem in a configuration file. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; 0 when the file cannot be opened. */
  readonly line: number;
  /** From 1; 0 when the file cannot be opened. */
  readonly column: number;
  /** Where in the data: `model_list[0].dheera_ai_params.timeout`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
}

/** A configuration that cannot be used. Its message lists every problem, ready to be printed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(describeProblems(problems));
    this.problems = problems;
  }
}

function describeProblems(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [`The configuration has ${count}:`, ...problems.map(describeProblem)].join("\n");
}

function describeProblem({ file, line, column, key, message }: ConfigProblem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return `  ${place}  ${key === "" ? "" : `${key}: `}${message}`;
}
