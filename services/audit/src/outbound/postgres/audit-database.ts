/** The connections of this service: a long search must not stand in the way of the writer, so each has its own. */
import {
  checkServerVersion,
  type DatabaseOptions,
  migrate,
  openDatabase,
  openPool,
} from '@strongroom/database';
import { Connection } from './connection.ts';
import { checkDurability } from './durability.ts';
import { migrations } from './schema.ts';

const schema = 'audit';
/** A commit that takes longer is in doubt. */
const writeMsMax = 2_000;
const readMsMax = 8_000;
/** One for batches, one for checkpoints, one for signs of life. */
const writeConnectionsMax = 3;
const readConnectionsMax = 4;

export interface AuditDatabase {
  readonly writing: Connection;
  readonly reading: Connection;
  /** Throws `configuration-invalid` for a server that this service must not run on; `database-unavailable`. */
  prepare(): Promise<void>;
  close(): Promise<void>;
}

export function openAuditDatabase(
  target: Pick<DatabaseOptions, 'url' | 'tls' | 'onIdleFault'>,
): AuditDatabase {
  const options = (poolMax: number, statementTimeoutMs: number): DatabaseOptions => ({
    ...target,
    schema,
    applicationName: 'strongroom-audit',
    poolMax,
    statementTimeoutMs,
  });
  const writePool = openPool(options(writeConnectionsMax, writeMsMax));
  const readPool = openPool(options(readConnectionsMax, readMsMax));
  const writing = new Connection(writePool, writeMsMax);
  return {
    writing,
    reading: new Connection(readPool, readMsMax),
    async prepare() {
      const administration = openDatabase(options(1, readMsMax));
      try {
        await checkServerVersion(administration);
        await migrate(administration, schema, migrations);
      } finally {
        await administration.destroy();
      }
      await checkDurability(writing);
    },
    async close() {
      await Promise.all([writePool.end(), readPool.end()]);
    },
  };
}
