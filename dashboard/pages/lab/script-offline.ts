// The test about clean session: subscribe, go away, have messages published, come back, and see what was kept.

import {
  ARRIVES,
  DOES_NOT_ARRIVE,
  type LabFinding,
  NOTHING,
  numbersInWords,
  retainedInWords,
  yesOrNo,
} from '../../../shared/lab-expected.ts'
import {
  type LabClient,
  LIVE,
  numbered,
  numberedOnly,
  numbersOf,
  QUIET_MS,
  type Stage,
  untilDrained,
  untilEnd,
  untilTaken,
} from './stage.ts'

export async function offline(stage: Stage): Promise<readonly LabFinding[]> {
  const { params, subscriber, topic } = stage
  const session = params.clean ? 'clean' : 'kept'
  const granted = await subscribeAndLeave(stage, session)
  const acknowledged = await publishAll(stage)
  await stage.step('Come back')
  const present = await subscriber.connect(session)
  // What comes while the queue is full would push out something that is owed.
  if (stage.isTight && present) await untilDrained(subscriber)
  const live = await publishLive(stage)
  await stage.step('An end mark, behind all that was owed')
  await untilEnd(subscriber, topic)
  const back = numberedOnly(subscriber.arrived)
  const late = params.retain ? await subscribeLate(stage) : []
  return [
    { check: 'granted', value: `${granted}` },
    ...acknowledged,
    { check: 'present', value: yesOrNo(present) },
    { check: 'arrived', value: numbersInWords(numbersOf(back)) },
    { check: 'arrived-qos', value: each(back.map(({ qos }) => `${qos}`)) },
    { check: 'arrived-retain', value: each(back.map(({ retain }) => (retain ? 'on' : 'off'))) },
    { check: 'live', value: live() },
    ...late,
  ]
}

/** Resolves to the granted QoS. */
export async function subscribeAndLeave(stage: Stage, session: 'clean' | 'kept'): Promise<number> {
  const { subscriber, topic, params } = stage
  await stage.step('Connect')
  await subscriber.connect(session)
  await stage.step('Subscribe')
  const granted = await subscriber.subscribe(topic, params.subscribeQos)
  await stage.step('Go away')
  subscriber.disconnect()
  return granted
}

/** While the subscriber is away. */
export async function publishAll(stage: Stage): Promise<readonly LabFinding[]> {
  const { publisher, topic, params } = stage
  await stage.step(`Another client publishes ${params.messages}`)
  await publisher.connect('clean')
  for (const message of numbered(stage)) publisher.send(message)
  const isTaken = (): boolean => publisher.acknowledgedCount >= params.messages || !publisher.isConnected
  await publisher.settled(isTaken, QUIET_MS)
  if (params.publishQos > 0) return [{ check: 'acknowledged', value: `${publisher.acknowledgedCount}` }]
  await untilTaken(publisher, topic)
  return []
}

/** Returns what has become of the message, to be asked for when the subscriber has had everything. */
export async function publishLive(stage: Stage): Promise<() => string> {
  const { publisher, subscriber, topic, params } = stage
  await stage.step('One more message, without subscribing again')
  // A broker that refuses a message of a 3.1.1 client closes its connection.
  if (!publisher.isConnected) await publisher.connect('clean')
  publisher.send({ topic, payload: LIVE, qos: params.publishQos, retain: false })
  await untilTaken(publisher, topic)
  return () => whetherLive(subscriber)
}

export function whetherLive({ arrived }: LabClient): string {
  return arrived.some(({ payload }) => payload === LIVE) ? ARRIVES : DOES_NOT_ARRIVE
}

/** With the client that published, which had no subscription so far. */
async function subscribeLate({ publisher, topic, step }: Stage): Promise<readonly LabFinding[]> {
  await step('Somebody subscribes late')
  await publisher.subscribe(topic, 2)
  await untilEnd(publisher, topic)
  const late = publisher.arrived.filter(message => message.topic === topic)
  const words = late.map(({ payload, retain }) =>
    retain ? retainedInWords(payload) : `message ${payload}, retain flag off`,
  )
  return [{ check: 'late', value: words.length === 0 ? NOTHING : words.join('; ') }]
}

/** One word when they are all alike. */
function each(words: readonly string[]): string {
  return [...new Set(words)].join(' and ')
}
