// Runs publishers and receivers in closed loops as fast as the broker goes, and measures a stretch of it.
import { Client } from './client.ts'
import type { Qos } from './codec.ts'
import { Flow } from './flow.ts'
import { LatencyRecorder } from './latency.ts'
import type { Run } from './load.ts'
import { type Measurement, Stopwatch } from './measurement.ts'
import { Receiver } from './receiver.ts'
import { Rounds } from './rounds.ts'
import type { Transport } from './target.ts'
import { inParallel, waitSeconds, waitUntil } from './wait.ts'

export type Saturation = {
  qos: Qos
  transport: Transport
  session: 'clean' | 'persistent'
  /** Topic name of each publisher. */
  publishTopics: readonly string[]
  /** Topic filter of each receiver. */
  receiveFilters: readonly string[]
  /** How many receivers get each message. */
  receiversPerMessage: number
  /** Messages per write of a publisher. */
  blockMessages: number
  /** Blocks of each publisher under way; times `blockMessages` it is the credit window. */
  blocksUnderWay: number
}

/** Handshakes in progress at once while the clients of a load connect. */
export const connectConcurrency = 50
/** Seconds without a delivery after which a run is given up. */
export const stallSeconds = 10

export async function saturate(run: Run, saturation: Saturation): Promise<Measurement> {
  const stopwatch = new Stopwatch(run.target.processId, run.cores)
  const latency = new LatencyRecorder()
  const flows = saturation.publishTopics.map((topicName, publisher) =>
    makeFlow(saturation, topicName, publisher),
  )
  const receivers = saturation.receiveFilters.map(
    () => new Receiver(flows, saturation.blockMessages, latency.record),
  )
  const receiving = await connectReceivers(run, saturation, receivers)
  const publishing = await connectPublishers(run, saturation, flows)
  const delivered = (): number => receivers.reduce((sum, receiver) => sum + receiver.received, 0)

  const rounds = new Rounds(delivered, deliveriesUnderWayMax(saturation))
  rounds.start()
  flows.forEach((flow, index) => {
    flow.start(publishing[index] as Client)
  })
  await waitSeconds(run.warmUpSeconds)
  latency.clear()
  const deliveredBefore = delivered()
  stopwatch.begin()
  await waitSeconds(run.seconds)
  stopwatch.end()
  const result = stopwatch.result(delivered() - deliveredBefore, latency.percentiles())

  for (const flow of flows) flow.stop()
  await waitUntil(() => flows.every(flow => flow.isFinished), delivered, stallSeconds)
  rounds.stop()
  const sent = flows.reduce((sum, flow) => sum + flow.sentMessages, 0)
  const expected = sent * saturation.receiversPerMessage
  if (delivered() !== expected) result.notes.push(`LOST: ${delivered()} of ${expected} messages arrived`)
  await Promise.all([...publishing, ...receiving].map(client => client.disconnect()))
  return result
}

function deliveriesUnderWayMax(saturation: Saturation): number {
  const { publishTopics, receiversPerMessage, blockMessages, blocksUnderWay } = saturation
  return publishTopics.length * receiversPerMessage * blockMessages * blocksUnderWay
}

function makeFlow(saturation: Saturation, topicName: string, publisher: number): Flow {
  const { qos, transport, receiversPerMessage, blockMessages, blocksUnderWay } = saturation
  return new Flow({
    transport,
    qos,
    topicName,
    publisher,
    blockMessages,
    blocksUnderWay,
    parties: receiversPerMessage + (qos === 1 ? 1 : 0),
  })
}

function connectReceivers(run: Run, saturation: Saturation, receivers: Receiver[]): Promise<Client[]> {
  const { qos, transport, session, receiveFilters } = saturation
  return inParallel(receivers.length, connectConcurrency, async index => {
    const client = await Client.connect({
      target: run.target,
      transport,
      clientId: `bench-receiver-${index}`,
      cleanSession: session === 'clean',
      onPublish: (receivers[index] as Receiver).onPublish,
    })
    await client.subscribe(receiveFilters[index] as string, qos)
    return client
  })
}

function connectPublishers(run: Run, saturation: Saturation, flows: Flow[]): Promise<Client[]> {
  const { transport, session } = saturation
  return inParallel(flows.length, connectConcurrency, index =>
    Client.connect({
      target: run.target,
      transport,
      clientId: `bench-publisher-${index}`,
      cleanSession: session === 'clean',
      onAcknowledgement: (flows[index] as Flow).onAcknowledgement,
    }),
  )
}
