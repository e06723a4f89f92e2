export { bootstrapStatements, type ServiceDatabase } from './bootstrap.ts';
export { connectionTarget, type DatabaseTls } from './connection-tls.ts';
export { type Migration, migrate } from './migrate.ts';
export { checkServerVersion, type DatabaseOptions, openDatabase, openPool } from './open-database.ts';
export {
  addToOutbox,
  OutboxPublisher,
  type OutboxPublisherOptions,
  type OutboxSchema,
  type OutboxTable,
  outboxMigration,
} from './outbox.ts';
export { isUnavailable, withDatabase } from './unavailable.ts';
