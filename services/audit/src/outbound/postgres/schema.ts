/**
 * Tables of the schema `audit`. Every row but the writer's is written once and never changed; only columns that are
 * searched by are taken out of the leaf. Entries leave by 256, oldest first, into an archive that has them already.
 *
 * Measured, 900-byte entries, two shared cores, batches of 256: each index takes a tenth of the throughput. So there is
 * none on the time, which grows with the index and is found by bisection, and node hashes are kept as tiles. Objects are
 * rows with a btree and not an array with a GIN index: GIN is a little faster to fill, but answers neither in the order
 * of the log nor with the last number of an object.
 */
import type { Migration } from '@strongroom/database';

export const migrations: readonly Migration[] = [
  {
    name: '0001-log',
    up: `
      -- The fence: a batch is committed only by a compare-and-swap on this row.
      CREATE TABLE writer (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        epoch integer NOT NULL,
        size bigint NOT NULL,
        -- Signs of life of the writer; 0 while there is none.
        beat bigint NOT NULL
      );
      INSERT INTO writer (epoch, size, beat) VALUES (0, 0, 0);

      CREATE TABLE entry (
        index bigint PRIMARY KEY,
        at timestamptz(3) NOT NULL,
        actor text COLLATE "C" NOT NULL,
        actor_seq integer NOT NULL,
        request_id uuid NOT NULL,
        phase smallint NOT NULL,
        operation text COLLATE "C" NOT NULL,
        outcome text COLLATE "C" NOT NULL,
        cluster text COLLATE "C",
        namespace text COLLATE "C",
        append bigint NOT NULL,
        append_offset smallint NOT NULL,
        leaf_hash bytea NOT NULL,
        leaf bytea NOT NULL
      );
      -- Request ids are UUIDv7: new keys land at the right edge of the index.
      CREATE UNIQUE INDEX entry_once ON entry (request_id, actor, phase);
      CREATE INDEX entry_actor ON entry (actor, index);
      CREATE INDEX entry_operation ON entry (operation, index);
      -- Almost every entry is done; those are found soon without an index.
      CREATE INDEX entry_outcome ON entry (outcome, index) WHERE outcome <> 'done';
      -- Of workloads alone: what KEKs do for API servers has neither.
      CREATE INDEX entry_cluster ON entry (cluster, index) WHERE cluster IS NOT NULL;
      CREATE INDEX entry_namespace ON entry (namespace, index) WHERE namespace IS NOT NULL;

      CREATE TABLE entry_object (
        object text COLLATE "C" NOT NULL,
        index bigint NOT NULL,
        seq integer NOT NULL,
        PRIMARY KEY (object, index) INCLUDE (seq)
      );

      -- Named by its first entry.
      CREATE TABLE append (
        id bigint PRIMARY KEY,
        worker_key bytea NOT NULL,
        body_hashes bytea NOT NULL,
        signature bytea NOT NULL
      );
      -- Statements about workers, each once, by the hash of their canonical text.
      CREATE TABLE worker_key (
        hash bytea PRIMARY KEY,
        signed text NOT NULL
      );

      -- Roots of complete subtrees on the levels 8, 16, 24 and so on; level 0 is with the entries.
      CREATE TABLE subtree (
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
      CREATE TABLE cosignature (
        size bigint NOT NULL,
        witness text COLLATE "C" NOT NULL,
        line text NOT NULL,
        PRIMARY KEY (size, witness)
      );
    `,
  },
  {
    name: '0002-sinks',
    up: `
      -- What a sink acknowledged. The sinks themselves are not here: who owns this database must not choose where the log goes.
      CREATE TABLE sink_cursor (
        sink uuid PRIMARY KEY,
        next bigint NOT NULL
      );
    `,
  },
  {
    name: '0003-retention',
    up: `
      -- Entries before this index have left; their hashes and the last numbers of who they are about stay.
      CREATE TABLE held (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        first bigint NOT NULL,
        gone_at timestamptz(3)
      );
      INSERT INTO held (first) VALUES (0);

      CREATE TABLE leaf_tile (
        index bigint PRIMARY KEY,
        hashes bytea NOT NULL
      );
      CREATE TABLE last_number (
        is_object boolean NOT NULL,
        name text COLLATE "C" NOT NULL,
        seq integer NOT NULL,
        PRIMARY KEY (is_object, name)
      );
    `,
  },
];

/** Numbers of the phases in the table. */
export const phaseNumbers = { proposal: 1, intent: 2, outcome: 3 } as const;
