/** The address of Redis or Valkey and the account to use there. */
export interface RedisAddress {
  /** `redis://[[username][:password]@]host[:port][/db]`, `rediss://` for TLS. Other fields win over its parts. */
  readonly url?: string | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 6379. */
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Number of the database, default 0. */
  readonly db?: number | undefined;
  readonly tls?: boolean | undefined;
  /** Of all keys; the braces keep them in one slot of a cluster. Default `{dheera_ai:batch}`. */
  readonly keyPrefix?: string | undefined;
}
