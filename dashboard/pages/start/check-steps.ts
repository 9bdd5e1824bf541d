// The live check, step by step: a session that is away is owed what was published meanwhile.

import type { StartFacts } from '../../../shared/start-facts.ts'
import { type Paho, PahoSession } from '../../paho/paho-session.ts'
import { Problem } from '../../paho/problem.ts'

export interface CheckRun {
  readonly subscriber: PahoSession
  readonly publisher: PahoSession
  readonly clientId: string
  readonly topic: string
  readonly facts: StartFacts
}

export interface CheckStep {
  readonly name: string
  readonly title: string
  /** What the step will show when all is well. */
  readonly expected: string
  /** How it leaves the subscriber, whose session lives on while it is away. */
  readonly leaves: 'connected' | 'away' | 'ended'
  /** Resolves to what was observed; rejects with a Problem. */
  readonly run: (run: CheckRun) => Promise<string>
}

const payloads = ['1', '2', '3', '4', '5']
const sent = { qos: 1, retain: false } as const
/** Sent after what was owed has come: had anything come twice or late, it would be before this. */
const END = 'end'
/** After this long without another message no more will come. */
const QUIET_MS = 1_000

export const checkSteps: readonly CheckStep[] = [
  {
    name: 'connect',
    title: 'Connect with clean session off',
    expected: 'expects session present: no',
    leaves: 'connected',
    run: async ({ subscriber, clientId }) => {
      // What an earlier check may have left behind, in a page that was closed half way.
      await subscriber.connect('clean')
      subscriber.disconnect()
      const present = await subscriber.connect('kept')
      if (present)
        throw new Problem(`The broker remembers ${clientId}, which was connected with clean session on.`)
      return `Session present: no; ${clientId} is new here`
    },
  },
  {
    name: 'subscribe',
    title: 'Subscribe at QoS 1',
    expected: 'expects QoS 1 granted',
    leaves: 'connected',
    run: async ({ subscriber, topic }) => {
      const granted = await subscriber.subscribe(topic, 1)
      if (granted !== 1) throw new Problem(`The broker granted QoS ${granted} for ${topic}.`)
      return `QoS 1 granted for ${topic}`
    },
  },
  {
    name: 'leave',
    title: 'Go away',
    expected: 'the session stays with the broker',
    leaves: 'away',
    run: async ({ subscriber }) => {
      subscriber.disconnect()
      return 'Disconnected; the session stays with the broker'
    },
  },
  {
    name: 'publish',
    title: `A second client publishes ${payloads.length} messages`,
    expected: 'expects an acknowledgement for each',
    leaves: 'away',
    run: async ({ publisher, topic, facts }) => {
      await publisher.connect('clean')
      try {
        await Promise.all(payloads.map(payload => publisher.publish({ ...sent, topic, payload })))
      } catch (error) {
        throw error instanceof Problem
          ? new Problem(error.message, error.advice ?? queueAdvice(facts))
          : error
      } finally {
        publisher.disconnect()
      }
      return `${payloads.length} of ${payloads.length} acknowledged`
    },
  },
  {
    name: 'return',
    title: 'Come back with the same client id',
    expected: 'expects session present: yes',
    leaves: 'connected',
    run: async ({ subscriber, facts }) => {
      const present = await subscriber.connect('kept')
      if (!present)
        throw new Problem('Session present: no. The broker has forgotten it.', expiryAdvice(facts))
      return 'Session present: yes'
    },
  },
  {
    name: 'receive',
    title: 'Receive what was missed',
    expected: `expects ${payloads.join(' ')} in order, once each`,
    leaves: 'connected',
    run: async ({ subscriber, topic, facts }) => {
      await subscriber.settled(() => subscriber.arrived.length >= payloads.length, QUIET_MS)
      await Promise.all([subscriber.arrival(END), subscriber.publish({ ...sent, topic, payload: END })])
      const received = subscriber.arrived.map(({ payload }) => payload)
      const before = received.slice(0, received.indexOf(END))
      if (before.join(' ') !== payloads.join(' ')) throw new Problem(compare(before), queueAdvice(facts))
      return `${before.join(' ')} in order, once each`
    },
  },
]

/** Runs whatever came before it. */
export const cleanUpStep: CheckStep = {
  name: 'clean-up',
  title: 'Clean up',
  expected: 'connects with clean session on, which erases the session',
  leaves: 'ended',
  run: async ({ subscriber, publisher }) => {
    publisher.disconnect()
    subscriber.disconnect()
    await subscriber.connect('clean')
    subscriber.disconnect()
    return 'Connected with clean session on: the session is erased'
  },
}

export function startRun(paho: Paho, url: string, id: string, facts: StartFacts): CheckRun {
  const clientId = `check-${id}`
  return {
    subscriber: new PahoSession({ paho, url, clientId }),
    publisher: new PahoSession({ paho, url, clientId: `${clientId}-pub` }),
    clientId,
    topic: `start-check/${id}`,
    facts,
  }
}

/** What is wrong with the messages that came. */
function compare(came: readonly string[]): string {
  const missing = payloads.filter(payload => !came.includes(payload))
  const arrived = came.length === 0 ? 'No message arrived.' : `Arrived: ${came.join(' ')}.`
  if (missing.length > 0) return `${arrived} Missing: ${missing.join(' ')}.`
  return came.length > payloads.length
    ? `${arrived} Some came more than once.`
    : `${arrived} That is out of order.`
}

function expiryAdvice({ sessionExpirySeconds }: StartFacts): string | undefined {
  return sessionExpirySeconds === 0
    ? 'It was told to: session-expiry-max is 0, so that sessions end with their connections.'
    : undefined
}

function queueAdvice({ queueMessagesMax, queueOverflow }: StartFacts): string | undefined {
  if (queueMessagesMax >= payloads.length) return undefined
  const then = {
    'drop-oldest': 'drops the oldest',
    'drop-newest': 'drops the newest',
    reject: 'acknowledges no more',
  }[queueOverflow]
  return `This broker was told to keep at most ${queueMessagesMax} messages for a session (queue-messages-max), and then ${then}.`
}
