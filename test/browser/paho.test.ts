// Eclipse Paho JS in Chromium against the broker: what its users were promised about sessions.

import type { Driver } from '../clients/driven-client.ts'
import { flowScenarios } from '../clients/flow-scenarios.ts'
import { sceneSettings } from '../clients/scene.ts'
import { sessionScenarios } from '../clients/session-scenarios.ts'
import { brokerForFile } from '../harness/broker.ts'
import { browserForFile } from './browser-file.ts'
import { connectionLost } from './chromium.ts'

const broker = brokerForFile(sceneSettings)
const file = await browserForFile()
const { skip } = file

function driver(mqttVersion: 3 | 4): Driver {
  return {
    name: `Paho JS, ${mqttVersion === 3 ? '3.1' : '3.1.1'}`,
    protocolVersion: mqttVersion,
    transport: 'websocket',
    connect: request => {
      const allowed = request.address === undefined ? {} : { allowed: connectionLost }
      return file.paho.connect({ address: broker, mqttVersion, ...allowed, ...request })
    },
  }
}

sessionScenarios({ driver: driver(4), broker, skip })
flowScenarios({ driver: driver(4), broker, skip })
// What Paho JS falls back to when a first attempt fails.
sessionScenarios({ driver: driver(3), broker, skip })
