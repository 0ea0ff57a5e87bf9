/**
 * What `config.capnp` binds. `@cloudflare/workers-types` has the types of namespaces, and changes the types of
 * everything checked with it.
 */
export interface Bindings {
  readonly PROXY: DurableObjectNamespace;
  /** The configuration, in YAML. */
  readonly CONFIG: string;
  /** Secrets and variables. */
  readonly [name: string]: unknown;
}

interface DurableObjectNamespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}
