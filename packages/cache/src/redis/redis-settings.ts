/** The address of Redis and the account to use there. */
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
  /** Default: true for a `rediss:` URL, otherwise false. */
  readonly tls?: boolean | undefined;
}

export interface RedisSettings {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: boolean;
}

/** @throws TypeError when the URL cannot be read; the message does not repeat it, because it may hold a password. */
export function redisSettings({ url, ...given }: RedisAddress): RedisSettings {
  const read = url === undefined ? {} : readUrl(url);
  return {
    host: given.host ?? read.host ?? "127.0.0.1",
    port: given.port ?? read.port ?? 6379,
    username: given.username ?? read.username,
    password: given.password ?? read.password,
    db: given.db ?? read.db ?? 0,
    tls: given.tls ?? read.tls ?? false,
  };
}

function readUrl(text: string): RedisAddress {
  const url = parseUrl(text);
  const db = url.pathname.slice(1);
  if (!(url.protocol === "redis:" || url.protocol === "rediss:") || !/^\d*$/.test(db)) throw unreadable();
  return {
    tls: url.protocol === "rediss:",
    // URLs write IPv6 addresses in brackets, sockets do not.
    ...(url.hostname !== "" && { host: url.hostname.replace(/^\[(.*)\]$/, "$1") }),
    ...(url.port !== "" && { port: Number(url.port) }),
    ...(url.username !== "" && { username: decode(url.username) }),
    ...(url.password !== "" && { password: decode(url.password) }),
    ...(db !== "" && { db: Number(db) }),
  };
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw unreadable();
  return new URL(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable();
  }
}

/** Without the original error as its cause, because that quotes the URL. */
function unreadable(): TypeError {
  return new TypeError(
    "the url of Redis cannot be read; write redis://host:port/db, or rediss:// for TLS, with special characters of the password percent-encoded",
  );
}
