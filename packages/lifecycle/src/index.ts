export { HttpListener, type HttpListenerOptions } from './http-listener.ts';
export { ManagementServer, type ManagementServerOptions } from './management-server.ts';
export { MemoryCeiling, type MemoryCeilingOptions } from './memory-ceiling.ts';
export { type Composed, type MainOptions, runMain } from './run-main.ts';
export { type ProcessEdge, type RunOptions, retiredStatus, runProcess } from './run-process.ts';
export {
  type Component,
  type Report,
  type ReportFields,
  Service,
  type ServiceOptions,
  type ServiceState,
} from './service.ts';
export { Watchdog, type WatchdogOptions } from './watchdog.ts';
