// GET /broker: which broker this is.

import { createHash } from 'node:crypto'
import { brokerFactsSchema } from '../../../shared/broker-facts.ts'
import type { ApiContext } from './context.ts'
import { type ApiRoute, defineRoute } from './route.ts'

export function brokerRoutes({ broker, clock, server }: ApiContext): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/broker',
      summary: 'Version, uptime, listeners and settings of this broker.',
      tag: 'Broker',
      role: 'viewer',
      response: { 200: brokerFactsSchema },
      example: {
        200: {
          version: '1.0.0',
          startedAt: '2026-11-21T12:00:00.000Z',
          uptimeSeconds: 3_600,
          listeners: [
            { listener: 'tcp', url: 'mqtt://127.0.0.1:1883' },
            { listener: 'http', url: 'http://127.0.0.1:8080', mqttUrl: 'ws://127.0.0.1:8080/mqtt' },
          ],
          sessions: 48_211,
          storeProblem: null,
          configuration: {
            digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
            changed: [{ name: 'session-expiry-max', value: '30d' }],
          },
        },
      },
      problems: [],
      handle: async () => {
        const changed = [...server.configuration()]
        return {
          version: server.version,
          startedAt: new Date(server.startedAt).toISOString(),
          uptimeSeconds: Math.floor((clock.now() - server.startedAt) / 1000),
          listeners: [...server.listeners()],
          sessions: broker.parts.registry.count,
          storeProblem: broker.parts.durable.problem ?? null,
          configuration: { digest: digest(changed), changed },
        }
      },
    }),
  ]
}

function digest(changed: readonly unknown[]): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(changed)).digest('hex')}`
}
