// Sets up the sessions that the offline loads share: subscribed, then gone, and publishers that fill their queues.
import { Client } from '../generator/client.ts'
import { Flow } from '../generator/flow.ts'
import type { Run } from '../generator/load.ts'
import { connectConcurrency } from '../generator/saturate.ts'
import { inParallel } from '../generator/wait.ts'
import { numberedTopics } from './variants.ts'

export const offlineSessionCount = 100
export const offlineTopics = numberedTopics('bench/offline', offlineSessionCount)

/** How publishers fill queues: each sends blocks to its topic, and waits for their PUBACKs. */
export type FillingPlan = {
  /** Topic name of each publisher. */
  topics: readonly string[]
  blockMessages: number
  blocksUnderWay: number
  /** Messages after which a publisher is done; without, it goes on until it is stopped. */
  messagesMax?: number
}

// Wider windows than in the other loads, as a PUBACK that waits for Nagle's algorithm would otherwise stop the publisher.
const wideWindow = { blockMessages: 64, blocksUnderWay: 4 }

/** One publisher to each session. */
export function fillingOfEach(messagesMax: number): FillingPlan {
  return { topics: offlineTopics, ...wideWindow, messagesMax }
}

export function messagesUnderWayMax({ topics, blockMessages, blocksUnderWay }: FillingPlan): number {
  return topics.length * blockMessages * blocksUnderWay
}

export function offlineClientId(index: number): string {
  return `bench-offline-${index}`
}

/** One session for each topic filter, at QoS 1, that has left when this resolves. */
export async function leaveOfflineSessions(run: Run, topicFilters: readonly string[]): Promise<void> {
  await inParallel(topicFilters.length, connectConcurrency, async index => {
    const client = await Client.connect({
      target: run.target,
      transport: 'tcp',
      clientId: offlineClientId(index),
      cleanSession: false,
    })
    await client.subscribe(topicFilters[index] as string, 1)
    await client.disconnect()
  })
}

export type Filling = { flows: Flow[]; publishers: Client[] }

/** The times that the publishers record are those from a block's write to its last PUBACK. */
export async function connectFilling(
  run: Run,
  { topics, blockMessages, blocksUnderWay, messagesMax }: FillingPlan,
  recordLatency: (milliseconds: number) => void,
): Promise<Filling> {
  const blocksMax = messagesMax === undefined ? {} : { blocksMax: Math.ceil(messagesMax / blockMessages) }
  const flows = topics.map(
    (topicName, publisher) =>
      new Flow({
        transport: 'tcp',
        qos: 1,
        topicName,
        publisher,
        blockMessages,
        blocksUnderWay,
        ...blocksMax,
        parties: 1,
        onBlockDone: recordLatency,
      }),
  )
  const publishers = await inParallel(flows.length, connectConcurrency, index =>
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
