/** Tables of the schema `audit`. Every row but the writer's is written once and never changed. */
import type { Migration } from '@strongroom/database';

export const migrations: readonly Migration[] = [
  {
    name: '0001-log',
    up: `
      CREATE TABLE writer (
        only boolean PRIMARY KEY DEFAULT true CHECK (only),
        epoch bigint NOT NULL,
        size bigint NOT NULL
      );
      INSERT INTO writer (epoch, size) VALUES (0, 0);
      CREATE TABLE entry (
        index bigint PRIMARY KEY,
        leaf bytea NOT NULL,
        body_hash bytea NOT NULL,
        at text COLLATE "C" NOT NULL,
        actor text COLLATE "C" NOT NULL,
        actor_seq bigint NOT NULL,
        operation text COLLATE "C" NOT NULL,
        outcome text COLLATE "C" NOT NULL,
        phase text COLLATE "C" NOT NULL,
        request_id uuid NOT NULL,
        append bigint NOT NULL,
        append_offset integer NOT NULL
      );
      -- Request ids are UUIDv7, so new keys land at the right edge of the tree.
      CREATE UNIQUE INDEX entry_once ON entry (request_id, actor, phase);
      CREATE INDEX entry_actor ON entry (actor, index);
      CREATE INDEX entry_operation ON entry (operation, index);
      CREATE INDEX entry_at ON entry (at, index);
      CREATE TABLE entry_object (
        object text COLLATE "C" NOT NULL,
        index bigint NOT NULL,
        seq bigint NOT NULL,
        PRIMARY KEY (object, index, seq)
      );
      CREATE TABLE append (
        id bigint PRIMARY KEY,
        worker text NOT NULL,
        body_hashes bytea NOT NULL,
        signature text NOT NULL
      );
      CREATE TABLE node (
        level smallint NOT NULL,
        index bigint NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (level, index)
      );
      CREATE TABLE checkpoint (
        size bigint PRIMARY KEY,
        note text NOT NULL,
        log_key text NOT NULL
      );
    `,
  },
];
