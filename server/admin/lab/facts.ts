// What of this broker decides how the Lab's tests end.

import type { LabFacts } from '../../../shared/lab-facts.ts'
import type { Settings } from '../../config/schema.ts'
import type { ServerFacts } from '../api/server-facts.ts'
import { sessionExpirySeconds } from '../start-facts.ts'

export function labFacts(settings: Settings, server: ServerFacts): LabFacts {
  const websocketUrl = server.listeners().find(one => one.mqttUrl !== undefined)?.mqttUrl ?? null
  return {
    version: server.version,
    queueQos0: settings.queueQos0,
    queueMessagesMax: settings.queueMessagesMax,
    queueBytesMax: settings.queueBytesMax,
    queueOverflow: settings.queueOverflow,
    sessionExpirySeconds: sessionExpirySeconds(settings),
    retainedMessagesMax: settings.retainedMessagesMax,
    store: settings.store,
    durability: settings.durability,
    websocketUrl,
    websocketPath: settings.websocketPath,
    // The admin API, which tells this, may have a port of its own.
    websocketPort:
      websocketUrl === null
        ? null
        : settings.adminPort === undefined
          ? 'here'
          : Number(new URL(websocketUrl).port),
    websocketOrigins: [...settings.websocketOrigins],
  }
}
