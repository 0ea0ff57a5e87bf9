/** What the terminal of README's picture is told to do, from top to bottom. */
export interface Step {
  /** As it is typed; a line that ends in a backslash goes on in the next. */
  readonly command: string;
  /** Of a command that serves: the last word that it prints before it is stopped. */
  readonly until?: string;
}

export const columns = 84;

export const files: Readonly<Record<string, string>> = {
  "documents.txt": `Carson City is the capital city of the American state of Nevada.
Capital punishment has existed in the United States since before it was a country.
Washington, D.C. is the capital of the United States.
`,
};

/** They run in a folder with these files and with `town-guide`, that of the examples. */
export const story: readonly Step[] = [
  {
    command: `dheera_ai rerank --model bm25/default --file documents.txt \\
  --query "What is the capital of the United States?"`,
  },
  { command: "dheera_ai eval town-guide --models bm25/default" },
  { command: "dheera_ai --model bm25/default --host 127.0.0.1", until: "callers" },
];
