// The facts of a broker with the usual settings.

import type { StartFacts } from '../../../shared/start-facts.ts'

export const facts: StartFacts = {
  version: '1.2.3',
  host: '127.0.0.1',
  mqttPort: 1883,
  websocketPath: '/mqtt',
  name: null,
  environment: null,
  websocketPort: 'here',
  console: true,
  store: 'embedded',
  durability: 'sync',
  sessionExpirySeconds: 604_800,
  queueMessagesMax: 1000,
  queueBytesMax: 16_777_216,
  queueOverflow: 'drop-oldest',
  queueQos0: false,
}
