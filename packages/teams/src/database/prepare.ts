import {
  CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

import type { Database } from "./open-database.ts";

type Kind = Database["kind"];

/** A statement whose text is put together once for each kind of database; each use has its own values. */
export type Prepared<Row, Values> = (kind: Kind, values: Values) => CompiledQuery<Row>;

/** Stands for a value of each use. */
export type Slot<Values> = (name: keyof Values) => RawBuilder<unknown>;

/** What runs many times a second: to put its text together would cost a process more than to send it. */
export function prepare<Row, Values extends object>(
  build: (kind: Kind, slot: Slot<Values>) => RawBuilder<Row>,
): Prepared<Row, Values> {
  const texts = new Map<Kind, { readonly text: string; readonly names: readonly (keyof Values)[] }>();
  function textFor(kind: Kind): { readonly text: string; readonly names: readonly (keyof Values)[] } {
    const names: (keyof Values)[] = [];
    const slots = new Map<unknown, keyof Values>();
    const compiled = build(kind, (name) => {
      const mark = Symbol(String(name));
      slots.set(mark, name);
      return sql`${mark}`;
    }).compile(compilers[kind]);
    for (const parameter of compiled.parameters) {
      const name = slots.get(parameter);
      if (name === undefined) throw new TypeError("a statement that is prepared has values in slots alone");
      names.push(name);
    }
    const made = { text: compiled.sql, names };
    texts.set(kind, made);
    return made;
  }
  return (kind, values) => {
    const { text, names } = texts.get(kind) ?? textFor(kind);
    const query: CompiledQuery<never> = CompiledQuery.raw(
      text,
      names.map((name) => values[name]),
    );
    return query;
  };
}

const compilers = {
  postgresql: new Kysely<unknown>({
    dialect: {
      createDriver: () => new DummyDriver(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
  sqlite: new Kysely<unknown>({
    dialect: {
      createDriver: () => new DummyDriver(),
      createAdapter: () => new SqliteAdapter(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
} satisfies Record<Kind, Kysely<unknown>>;
