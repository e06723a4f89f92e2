export type { Bus, BusObserver, BusState, DropReason, ResponderHandle, RespondOptions } from './bus.ts';
export {
  type BusClientName,
  type BusUser,
  inboxOf,
  provisioner,
  provisionerBusUser,
  serviceBusUser,
} from './bus-user.ts';
export { type BusOptions, type BusTls, connectBus } from './connect-bus.ts';
export type { ConsumeOptions, EventConsumption, EventStreamOptions } from './event-stream.ts';
export { RequestBus, type RequestBusOptions } from './request-bus.ts';
export type { RequestOptions } from './request-options.ts';
export type { RequestContext, RequestHandler, SignsOfLife } from './responder.ts';
export { type NatsServerOptions, natsServerConfig } from './server-config.ts';
export { assertServerAccepted, isServerAccepted, serverFloor } from './server-version.ts';
export type { Transport, TransportMessage, TransportSubscription } from './transport.ts';
