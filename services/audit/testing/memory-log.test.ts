import { logStoreContract } from './log-store-contract.ts';
import { MemoryLog } from './memory-log.ts';

logStoreContract('memory', async () => {
  const log = new MemoryLog();
  return { store: log, checkpoints: log, reader: log, oldEntries: log };
});
