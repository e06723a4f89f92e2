import type { Component } from '@strongroom/lifecycle';
import type { FastifyInstance } from 'fastify';

/** Listens last and stops first; keep-alive connections end when their request is answered. */
export function makeListener(server: FastifyInstance, host: string, port: number): Component {
  return {
    name: 'https',
    async start() {
      await server.listen({ host, port });
    },
    stop: () => server.close(),
  };
}
