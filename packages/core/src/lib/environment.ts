/** Variables that a provider may read, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of the process; empty on runtimes without `process`. On Deno a variable that may not be read is absent. */
export function processEnvironment(): Environment {
  if (typeof process === "undefined") return {};
  return "Deno" in globalThis ? readableOnDeno(process.env) : process.env;
}

/** Deno asks for its permission with each variable that is read, and throws where it has none. */
function readableOnDeno(environment: Environment): Environment {
  return new Proxy(environment, { get: (_, name) => (typeof name === "string" ? read(environment, name) : undefined) });
}

function read(environment: Environment, name: string): string | undefined {
  try {
    return environment[name];
  } catch {
    return undefined;
  }
}
