export { ManagementServer, type ManagementServerOptions } from './management-server.ts';
export { type ProcessEdge, type RunOptions, runProcess } from './run-process.ts';
export { type Component, Service, type ServiceOptions, type ServiceState } from './service.ts';
