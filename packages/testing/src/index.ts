export { makeCertificate, type TestCertificate, type TestTls } from './certificate.ts';
export { FakeClock } from './fake-clock.ts';
export { findFreePort, startOnFreePort } from './free-port.ts';
export { MemoryBus, MemoryBusHub, type MemoryBusOptions } from './memory-bus.ts';
export { MemoryHsm, type MemoryHsmFault, type MemoryHsmKeyReference } from './memory-hsm.ts';
export {
  MemoryExchange,
  type MemoryPermissions,
  MemoryTransport,
  matchesSubject,
} from './memory-transport.ts';
export { startNats, type TestNats, type TestNatsOptions } from './nats.ts';
export { startPostgres, type TestPostgres } from './postgres.ts';
export {
  asPostgresUser,
  findPostgresBinaries,
  giveToPostgresUser,
  type PostgresBinaries,
} from './postgres-binaries.ts';
export { type RedisUser, startRedis, type TestRedis } from './redis.ts';
export {
  runProgram,
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
} from './server-process.ts';
export { buildSharedObject } from './shared-object.ts';
export {
  createSoftHsmToken,
  findSoftHsmModule,
  type SoftHsmOptions,
  type SoftHsmToken,
} from './softhsm.ts';
export { makeTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
export { findTool } from './tool.ts';
