// Eclipse Paho for Python, as Debian has it, against the broker: what its users were promised about sessions.

import { after, before } from 'node:test'
import type { ProtocolVersion } from '../../server/protocol/packet.ts'
import { brokerForFile } from '../harness/broker.ts'
import { requireProgram } from '../harness/programs.ts'
import type { Driver } from './driven-client.ts'
import { flowScenarios } from './flow-scenarios.ts'
import { PahoPython } from './paho-python-driver.ts'
import { sceneSettings } from './scene.ts'
import { sessionScenarios } from './session-scenarios.ts'

const program = await requireProgram('python3-paho')
const skip: string | false = 'skip' in program ? program.skip : false
const broker = brokerForFile(sceneSettings)
let paho: PahoPython | undefined

before(() => {
  if ('path' in program) paho = new PahoPython(program.path)
})
after(() => paho?.end())

const versionNames = { 3: '3.1', 4: '3.1.1', 5: '5.0' }

function driver(protocolVersion: ProtocolVersion, transport: Driver['transport']): Driver {
  return {
    name: `Paho Python, ${versionNames[protocolVersion]}, ${transport}`,
    protocolVersion,
    transport,
    connect: request => paho!.connect({ address: broker, ...request }, protocolVersion, transport),
  }
}

for (const [version, transport] of [
  [3, 'tcp'],
  [4, 'tcp'],
  [5, 'tcp'],
  [4, 'websocket'],
  [5, 'websocket'],
] as const) {
  const scene = { driver: driver(version, transport), broker, skip }
  sessionScenarios(scene)
  flowScenarios(scene)
}
