// Eclipse Paho JS in Chromium against the broker: what its users were promised about sessions, and its own habits.

import { after, before } from 'node:test'
import type { Driver } from '../clients/driven-client.ts'
import { flowScenarios } from '../clients/flow-scenarios.ts'
import { sceneSettings } from '../clients/scene.ts'
import { sessionScenarios } from '../clients/session-scenarios.ts'
import { brokerForFile } from '../harness/broker.ts'
import { requireProgram } from '../harness/programs.ts'
import { TestBrowser } from './chromium.ts'
import { openSite, type Site } from './page-server.ts'
import { PahoBrowser } from './paho-driver.ts'

const program = await requireProgram('chromium')
const skip: string | false = 'skip' in program ? program.skip : false
const broker = brokerForFile(sceneSettings)
let browser: TestBrowser | undefined
let site: Site | undefined
let paho: PahoBrowser | undefined

before(async () => {
  if ('skip' in program) return
  browser = await TestBrowser.launch(program.path)
  site = await openSite()
  paho = new PahoBrowser(browser, site)
})
after(async () => {
  await browser?.close()
  site?.close()
})

const connectionLost = /^WebSocket connection to .* failed/

function driver(mqttVersion: 3 | 4): Driver {
  return {
    name: `Paho JS, ${mqttVersion === 3 ? '3.1' : '3.1.1'}`,
    protocolVersion: mqttVersion,
    transport: 'websocket',
    connect: request => {
      const allowed = request.address === undefined ? {} : { allowed: connectionLost }
      return paho!.connect({ address: broker, mqttVersion, ...allowed, ...request })
    },
  }
}

sessionScenarios({ driver: driver(4), broker, skip })
flowScenarios({ driver: driver(4), broker, skip })
// What Paho JS falls back to when a first attempt fails.
sessionScenarios({ driver: driver(3), broker, skip })
