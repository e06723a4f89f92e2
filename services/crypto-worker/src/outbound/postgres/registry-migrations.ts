/** What the registry keeps in its schema. None of it is believed because it is there: see `domain/registry`. */
import { type Migration, outboxMigration } from '@strongroom/database';

const tables = `
-- The newest commit. One row, there from the start, so that there is always something to lock.
-- pages: hashes of the 256 pages, 8 KiB.
CREATE TABLE head (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  sequence bigint NOT NULL,
  root bytea NOT NULL,
  previous bytea NOT NULL,
  mac bytea NOT NULL,
  pages bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO head (sequence, root, previous, mac, pages) VALUES (0, '', '', '', '');

-- Every commit there was: what leads from a head that somebody remembers to the newest one. About 100 bytes each, for
-- ever, beside the kilobytes that the log keeps of the same operation.
CREATE TABLE link (
  sequence bigint PRIMARY KEY,
  root bytea NOT NULL
);

-- 256 bucket hashes a page.
CREATE TABLE page (
  number integer PRIMARY KEY CHECK (number BETWEEN 0 AND 255),
  sequence bigint NOT NULL,
  hashes bytea NOT NULL
);
CREATE INDEX page_sequence ON page (sequence);

-- Name, version and MAC of each record of the bucket, as canonical bytes.
CREATE TABLE bucket (
  number integer PRIMARY KEY CHECK (number BETWEEN 0 AND 65535),
  sequence bigint NOT NULL,
  entries bytea NOT NULL
);
CREATE INDEX bucket_sequence ON bucket (sequence);

-- Hashes do not compress.
ALTER TABLE head ALTER COLUMN pages SET STORAGE EXTERNAL;
ALTER TABLE page ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- value: canonical bytes.
CREATE TABLE record (
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  value bytea NOT NULL,
  mac bytea NOT NULL,
  PRIMARY KEY (kind, id)
);

-- Processes that answer from this registry, each under a name that it has until it ends.
CREATE TABLE reader (
  name text COLLATE "C" PRIMARY KEY,
  seen_at timestamptz(3) NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE outcome (
  actor text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  request_hash text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  sealed_reply bytea NOT NULL,
  PRIMARY KEY (actor, request_id)
);
CREATE INDEX outcome_expires_at ON outcome (expires_at);

CREATE TABLE intent (
  actor text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  operation text NOT NULL,
  request_hash text NOT NULL,
  worker text NOT NULL,
  opened_at text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  mac bytea NOT NULL,
  PRIMARY KEY (actor, request_id)
);

-- Whose turn it is to leave a pool and be started again.
CREATE TABLE leave_turn (
  pool text COLLATE "C" PRIMARY KEY,
  worker text NOT NULL,
  ends_at timestamptz NOT NULL
);
`;

export const registryMigrations: readonly Migration[] = Object.freeze([
  outboxMigration,
  { name: '0001-registry', up: tables },
]);
