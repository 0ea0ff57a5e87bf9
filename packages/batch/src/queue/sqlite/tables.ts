/** Records are JSON beside the columns that are searched; counts are columns, because workers add to them. */
const first = `
create table identity (id text not null);
insert into identity values (lower(hex(randomblob(16))));

create table files (
  id text primary key, owner text not null, purpose text not null, bytes integer not null,
  created_at integer not null, expires_at integer, record text not null
) without rowid;
create index files_by_time on files (created_at, id);
create index files_of_owner on files (owner, created_at, id);
create index files_by_end on files (expires_at) where expires_at is not null;
create table parts (
  file text not null references files (id) on delete cascade, position integer not null,
  name text not null, bytes integer not null, lines integer not null, primary key (file, position)
) without rowid;

create table batches (
  number integer primary key, id text not null unique, owner text not null, created_at integer not null,
  is_open integer not null, record text not null, completed integer not null, failed integer not null, cost real,
  shards_ended integer not null, turn integer not null default 0, waiting integer not null default 0
);
create index batches_by_time on batches (created_at, id);
create index batches_of_owner on batches (owner, created_at, id);
create index batches_open on batches (number) where is_open;
create index batches_by_turn on batches (turn) where waiting > 0;

create table shards (
  batch integer not null references batches (number), shard integer not null, part text not null,
  state text not null, attempt text, worker text,
  completed integer not null default 0, failed integer not null default 0, cost real, output text, errors text,
  primary key (batch, shard)
) without rowid;
create index shards_waiting on shards (batch, shard) where state = 'waiting';
create index shards_running on shards (worker) where state = 'running';
create table kept (
  batch integer not null, shard integer not null, line integer not null, text text not null, primary key (batch, shard, line),
  foreign key (batch, shard) references shards (batch, shard) on delete cascade
) without rowid;

create table workers (id text primary key, beat integer not null) without rowid;
`;

/** Room that uploads have taken, and when batches have ended. */
const second = `
create table uploads (id text primary key, owner text not null, bytes integer not null, ends_at integer not null) without rowid;

alter table batches add column ended_at integer;
update batches set ended_at = created_at where not is_open;
create index batches_ended on batches (ended_at) where ended_at is not null;
create index batches_open_of_owner on batches (owner) where is_open;
`;

/** How often workers have died with a shard, and what the last one noted. */
const third = `
alter table shards add column deaths integer not null default 0;
alter table shards add column suspicion text;
`;

/** The last attempt whose worker was taken for dead, which takes that back where it lives. */
const fourth = "alter table shards add column dead text;";

/** One after the other make the tables; a file keeps how many it has had, and gets those that were added since. */
export const steps: readonly string[] = [first, second, third, fourth];
