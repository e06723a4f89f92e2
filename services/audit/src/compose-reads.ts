/** What answers questions about the log, over connections of its own: reading never waits for the writer. */
import { makeCountEntries } from './app/count-entries.ts';
import { type ExportEntriesParts, makeExportEntries } from './app/export-entries.ts';
import { makeFetchNodes } from './app/fetch-nodes.ts';
import type { FindEntries } from './app/find-entries.ts';
import { makeQueryEntries } from './app/query-entries.ts';
import { makeReadTiles } from './app/read-tiles.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import type { Connection } from './outbound/postgres/connection.ts';
import { makeEntryReader } from './outbound/postgres/entry-reader.ts';
import { makeLogStore } from './outbound/postgres/log-store.ts';

export function composeReads(
  connection: Connection,
  trust: ExportEntriesParts['trust'],
  cosignaturesMin: number,
  findEntries: FindEntries,
  bringUpToDate: ExportEntriesParts['bringUpToDate'],
) {
  const reading = { reader: makeEntryReader(connection), checkpoints: makeCheckpointStore(connection) };
  return {
    readTiles: makeReadTiles({
      store: makeLogStore(connection),
      checkpoints: reading.checkpoints,
      cosignaturesMin,
    }),
    queryEntries: makeQueryEntries(reading),
    countEntries: makeCountEntries(reading),
    exportEntries: makeExportEntries({
      ...reading,
      ...{ trust, cosignaturesMin, findEntries },
      fetchNodes: makeFetchNodes(makeLogStore(connection)),
      bringUpToDate,
    }),
  };
}
