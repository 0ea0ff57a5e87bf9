/** Variables that a provider may read, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of the process; empty on runtimes without `process`. */
export function processEnvironment(): Environment {
  return typeof process === "undefined" ? {} : process.env;
}
