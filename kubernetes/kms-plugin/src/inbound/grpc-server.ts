/** The gRPC server on its unix socket, mode 0600: kube-apiserver runs as the same user. */
import { chmod } from 'node:fs/promises';
import process from 'node:process';
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Component } from '@strongroom/lifecycle';
import { preparePlace } from './unix-socket.ts';

const messageBytesMax = 128 * 1024;
const ownerOnly = 0o600;

export function makeGrpcServer(
  socket: string,
  definition: ServiceDefinition,
  handlers: UntypedServiceImplementation,
): Component {
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
  });
  server.addService(definition, handlers);
  return {
    name: 'kms-socket',
    async start() {
      await preparePlace(socket);
      // The socket must never be open to others, not even between bind and chmod.
      const before = process.umask(0o177);
      try {
        await new Promise<void>((resolve, reject) =>
          server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (fault) =>
            fault === null ? resolve() : reject(fault),
          ),
        );
      } finally {
        process.umask(before);
      }
      await chmod(socket, ownerOnly);
    },
    stop: () =>
      new Promise<void>((resolve) =>
        server.tryShutdown((fault) => {
          if (fault) server.forceShutdown();
          resolve();
        }),
      ),
  };
}
