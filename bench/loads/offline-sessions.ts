// Sets up the sessions that the offline loads share: subscribed, then gone, and publishers that fill their queues.
import { Client } from '../generator/client.ts'
import { Flow } from '../generator/flow.ts'
import type { Run } from '../generator/load.ts'
import { connectConcurrency } from '../generator/saturate.ts'
import { inParallel } from '../generator/wait.ts'

export const offlineSessionCount = 100
// Wider windows than in the other loads, as a PUBACK that waits for Nagle's algorithm would otherwise stop the publisher.
const blockMessages = 64
const blocksUnderWay = 4
export const messagesUnderWayMax = offlineSessionCount * blockMessages * blocksUnderWay

export function offlineClientId(index: number): string {
  return `bench-offline-${index}`
}

/** Each session subscribes to its own topic at QoS 1 and leaves. */
export async function leaveOfflineSessions(run: Run): Promise<void> {
  await inParallel(offlineSessionCount, connectConcurrency, async index => {
    const client = await Client.connect({
      target: run.target,
      transport: 'tcp',
      clientId: offlineClientId(index),
      cleanSession: false,
    })
    await client.subscribe(`bench/offline/${index}`, 1)
    await client.disconnect()
  })
}

export type Filling = { flows: Flow[]; publishers: Client[] }

/** Publishers, one to each session; the times they record are those from a block's write to its last PUBACK. */
export async function connectFilling(
  run: Run,
  messagesPerSession: number,
  recordLatency: (milliseconds: number) => void,
): Promise<Filling> {
  const flows = Array.from(
    { length: offlineSessionCount },
    (_, publisher) =>
      new Flow({
        transport: 'tcp',
        qos: 1,
        topicName: `bench/offline/${publisher}`,
        publisher,
        blockMessages,
        blocksUnderWay,
        blocksMax: Math.ceil(messagesPerSession / blockMessages),
        parties: 1,
        onBlockDone: recordLatency,
      }),
  )
  const publishers = await inParallel(offlineSessionCount, connectConcurrency, index =>
    Client.connect({
      target: run.target,
      transport: 'tcp',
      clientId: `bench-publisher-${index}`,
      cleanSession: true,
      onAcknowledgement: (flows[index] as Flow).onAcknowledgement,
    }),
  )
  return { flows, publishers }
}

export function startFilling({ flows, publishers }: Filling): void {
  flows.forEach((flow, index) => {
    flow.start(publishers[index] as Client)
  })
}

export function acknowledgedMessages({ flows }: Filling): number {
  return flows.reduce((sum, flow) => sum + flow.acknowledgedMessages, 0)
}
