// Why a test of the Lab must end as it does, in a sentence or two for whoever knows Paho and wonders.

import { deliveryQos, isKept, isQueued, paramsOf } from './lab-expected.ts'
import type { KeepingFacts } from './lab-facts.ts'
import type { LabParams, LabTest } from './lab-tests.ts'

export function because(test: LabTest, facts: KeepingFacts): string {
  const params = paramsOf(test, facts)
  switch (test.script) {
    case 'offline':
      return [...whatWaits(params, facts), ...whatRetainDoes(params, facts)].join(' ')
    case 'overflow':
      return [...whatWaits(params, facts), 'What was lost is counted, and the session shows it.'].join(' ')
    case 'erase':
      return 'Whoever connects with clean session on gets a new session that ends with the connection, and what was stored under the client id is erased: subscriptions, messages and all.'
    case 'expire':
      return 'An expired session is gone with its subscriptions and messages. 3.1 and 3.1.1 clients cannot ask for an expiry, so the broker decides; here the Lab lets the session expire at once.'
    case 'takeover':
      return 'A client id has one connection: the newer one takes the session over, and the older one is closed. With two tabs that both reconnect, this goes on and on; give each tab an id of its own.'
    case 'exactly-once':
      return 'At QoS 2 both sides remember how far they have come with each message. After the cut they go on from there, so that nothing is missing and nothing comes twice.'
  }
}

function whatWaits(params: LabParams, facts: KeepingFacts): readonly string[] {
  const { clean, publishQos, subscribeQos } = params
  if (clean)
    return [
      'The session ended with the connection, and the subscription and all that would have waited with it.',
    ]
  if (!isKept(params, facts))
    return [
      'This broker lets no session outlive its connection (session-expiry-max is 0), so nothing is remembered.',
    ]
  if (!isQueued(params, facts)) {
    const lower =
      publishQos === subscribeQos
        ? 'QoS 0 is not owed to a client that is away.'
        : `A message comes with the lower of the two QoS, which is 0 here, and QoS 0 is not owed to a client that is away.`
    return [`${lower} The subscription is remembered all the same.`]
  }
  const qos = deliveryQos(params)
  const why =
    qos === 0
      ? 'This broker queues QoS 0, too (queue-qos0), so the messages waited.'
      : `Delivered at QoS ${qos}, the lower of the two, each message was owed to the session and waited for it.`
  return [why, ...whatWasTooMuch(params, facts)]
}

function whatWasTooMuch({ messages }: LabParams, facts: KeepingFacts): readonly string[] {
  const { queueMessagesMax: max, queueOverflow } = facts
  if (messages <= max) return []
  const then = {
    'drop-oldest': 'beyond that the oldest give way',
    'drop-newest': 'what comes beyond that is dropped',
    reject: 'what comes beyond that is not acknowledged to its publisher',
  }[queueOverflow]
  return [`A queue holds ${max} messages (queue-messages-max); ${then} (queue-overflow).`]
}

function whatRetainDoes(params: LabParams, facts: KeepingFacts): readonly string[] {
  if (!params.retain) return []
  return isQueued(params, facts)
    ? [
        'Retain takes nothing away from that: it also keeps the last message for whoever subscribes later, who gets it with the retain flag.',
      ]
    : ['The last message is retained for whoever subscribes, and this client did not subscribe again.']
}
