// What does a message cost, and how long does it take, when the broker has time to spare?
import { Client } from '../generator/client.ts'
import { Flow } from '../generator/flow.ts'
import { LatencyRecorder } from '../generator/latency.ts'
import type { Load, Run } from '../generator/load.ts'
import { type Measurement, Stopwatch } from '../generator/measurement.ts'
import { startPace } from '../generator/pace.ts'
import { Receiver } from '../generator/receiver.ts'
import { connectConcurrency, stallSeconds } from '../generator/saturate.ts'
import { inParallel, waitSeconds, waitUntil } from '../generator/wait.ts'

/** Messages of one publisher under way: a full ring means a long delay. */
const messagesUnderWay = 32

interface Pace {
  readonly pairCount: number
  /** Of all pairs together. */
  readonly messagesPerSecond: number
}

export const pacedPairs = pacedLoad({ pairCount: 1000, messagesPerSecond: 10_000 })

export function pacedLoad(pace: Pace): Load {
  return {
    name: 'paced-pairs-qos1-tcp',
    question: `${pace.pairCount} pairs, ${pace.messagesPerSecond} messages/s in all at an even pace, QoS 1, TCP`,
    favours: 'latency',
    unit: 'message',
    run: run => runPaced(run, pace),
  }
}

async function runPaced(run: Run, { pairCount, messagesPerSecond }: Pace): Promise<Measurement> {
  const stopwatch = new Stopwatch(run.target.processId, run.cores)
  const latency = new LatencyRecorder()
  const flows = Array.from({ length: pairCount }, (_, publisher) => makeFlow(publisher))
  const receivers = flows.map(() => new Receiver(flows, 1, latency.record))
  const clients = await inParallel(pairCount, connectConcurrency, index =>
    connectPair(run, index, flows, receivers),
  )
  const delivered = (): number => receivers.reduce((sum, receiver) => sum + receiver.received, 0)

  const publishers = clients.map(pair => pair.publisher)
  const pace = startPace(messagesPerSecond, index => {
    const at = index % pairCount
    return (flows[at] as Flow).sendOne(publishers[at] as Client)
  })
  await waitSeconds(run.warmUpSeconds)
  latency.clear()
  const deliveredBefore = delivered()
  stopwatch.begin()
  await waitSeconds(run.seconds)
  stopwatch.end()
  const result = stopwatch.result(delivered() - deliveredBefore, latency.percentiles())
  const { skipped } = pace.stop()

  await waitUntil(() => flows.every(flow => flow.isFinished), delivered, stallSeconds)
  const sent = flows.reduce((sum, flow) => sum + flow.sentMessages, 0)
  if (delivered() !== sent) result.notes.push(`LOST: ${delivered()} of ${sent} messages arrived`)
  if (skipped > 0) result.notes.push(`${skipped} messages were not sent: ${messagesUnderWay} were under way`)
  await Promise.all(clients.flatMap(pair => [pair.publisher.disconnect(), pair.receiver.disconnect()]))
  return result
}

function makeFlow(publisher: number): Flow {
  return new Flow({
    transport: 'tcp',
    qos: 1,
    topicName: `bench/paced/${publisher}`,
    publisher,
    blockMessages: 1,
    blocksUnderWay: messagesUnderWay,
    parties: 2,
  })
}

async function connectPair(
  run: Run,
  index: number,
  flows: Flow[],
  receivers: Receiver[],
): Promise<{ publisher: Client; receiver: Client }> {
  const common = { target: run.target, transport: 'tcp', cleanSession: true } as const
  const receiver = await Client.connect({
    ...common,
    clientId: `bench-receiver-${index}`,
    onPublish: (receivers[index] as Receiver).onPublish,
  })
  await receiver.subscribe(`bench/paced/${index}`, 1)
  const publisher = await Client.connect({
    ...common,
    clientId: `bench-publisher-${index}`,
    onAcknowledgement: (flows[index] as Flow).onAcknowledgement,
  })
  return { publisher, receiver }
}
