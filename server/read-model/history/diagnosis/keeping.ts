// Findings about what is kept for the client: how long, by whose word, and which subscriptions queue at all.

import { countInWords, leftInWords, spanInWords } from '../../../../shared/plain-words.ts'
import type { DiagnosisFacts, ExpiryFacts } from './facts.ts'
import { type Finding, iso } from './finding.ts'

/** Topic filters named in a finding; the list of subscriptions has them all. */
const FILTERS_NAMED_MAX = 20

export function keepingFindings(facts: DiagnosisFacts): readonly (Finding | undefined)[] {
  return [expiry(facts), subscriptions(facts)]
}

function expiry(facts: DiagnosisFacts): Finding {
  const { expiry, presence } = facts
  if (expiry.seconds === 0) return endsWithConnection(facts)
  if (presence.at === 'online') return whenItLeaves(facts)
  return expiry.at === undefined ? never(facts) : deadline(facts, expiry.at)
}

function endsWithConnection({ expiry, protocolVersion }: DiagnosisFacts): Finding {
  const asked =
    protocolVersion === 5 ? 'It asked to be forgotten at once' : 'It asked for a clean session (clean = true)'
  const why = expiry.source === 'client' ? asked : `It is not kept${sourceInWords(expiry)}`
  return {
    code: 'clean-session',
    severity: 'information',
    text: `${why}: when it disconnects, its subscriptions and messages are gone.`,
    data: { source: expiry.source },
    actions: [],
  }
}

function whenItLeaves(facts: DiagnosisFacts): Finding {
  const { expiry } = facts
  const data = { seconds: finite(expiry.seconds), source: expiry.source, pinned: expiry.pinned }
  if (expiry.seconds === Number.POSITIVE_INFINITY) {
    return {
      code: 'never-expires',
      severity: 'information',
      text: `After it disconnects it is kept for ever${sourceInWords(expiry)}.`,
      data,
      actions: [],
    }
  }
  const span = spanInWords(expiry.seconds * 1000)
  return {
    code: 'expires',
    severity: 'information',
    text: `After it disconnects it is kept for ${span}${sourceInWords(expiry)}${cannotAsk(facts)}.`,
    data,
    actions: [],
  }
}

function never({ expiry, presence, now, thresholds }: DiagnosisFacts): Finding {
  const isAbandoned = now - presence.since >= thresholds.abandonedMs
  return {
    code: isAbandoned ? 'abandoned' : 'never-expires',
    severity: isAbandoned ? 'problem' : 'information',
    text: `No expiry${sourceInWords(expiry)}: it will stay until you act.`,
    data: { source: expiry.source, pinned: expiry.pinned },
    actions: isAbandoned ? ['set-expiry', 'expire', 'clean'] : ['set-expiry'],
  }
}

function deadline(facts: DiagnosisFacts, at: number): Finding {
  const { expiry, queue, now, thresholds } = facts
  const data = { at: iso(at), source: expiry.source, pinned: expiry.pinned, messages: queue.messages }
  if (at <= now) {
    return {
      code: 'expiry-overdue',
      severity: 'problem',
      text: `It should have expired ${spanInWords(now - at)} ago and is still here.`,
      data,
      actions: ['expire'],
    }
  }
  const isSoon = at - now <= thresholds.expiresSoonMs
  const withIt =
    isSoon && queue.messages > 0 ? `, with ${countInWords(queue.messages, 'waiting message')}` : ''
  return {
    code: isSoon ? 'expires-soon' : 'expires',
    severity: withIt === '' ? 'information' : 'warning',
    text: `Expires in ${leftInWords(at - now)}${sourceInWords(expiry)}${withIt}${cannotAsk(facts)}.`,
    data,
    actions: withIt === '' ? [] : ['set-expiry'],
  }
}

function sourceInWords({ source, pinned }: ExpiryFacts): string {
  if (source === 'policy') return ' by broker policy'
  if (source === 'client') return ', as the client asked'
  return pinned ? ', as an operator pinned it' : ', as an operator set it'
}

function cannotAsk({ expiry, protocolVersion }: DiagnosisFacts): string {
  if (expiry.source !== 'policy' || protocolVersion === undefined || protocolVersion >= 5) return ''
  return `; MQTT ${protocolVersion === 3 ? '3.1' : '3.1.1'} clients cannot ask for an expiry`
}

/** JSON has no Infinity. */
function finite(seconds: number): number | null {
  return Number.isFinite(seconds) ? seconds : null
}

function subscriptions({ subscriptions, queueQos0, expiry }: DiagnosisFacts): Finding | undefined {
  if (subscriptions.length === 0) {
    return {
      code: 'no-subscriptions',
      severity: 'information',
      text: 'It has no subscriptions, so nothing is sent to it.',
      data: {},
      actions: ['add-subscription'],
    }
  }
  // What is not kept at all is not kept for a lower QoS either: to say so twice would not help.
  if (queueQos0 || expiry.seconds === 0) return undefined
  const filters = subscriptions.filter(one => one.qos === 0).map(one => one.topicFilter)
  if (filters.length === 0) return undefined
  const all = filters.length === subscriptions.length
  const which = all
    ? `Its ${filters.length === 1 ? 'subscription is' : 'subscriptions are all'}`
    : `${filters.length} of ${countInWords(subscriptions.length, 'subscription')} ${filters.length === 1 ? 'is' : 'are'}`
  return {
    code: 'qos0-subscription',
    severity: all ? 'warning' : 'information',
    text: `${which} at QoS 0: what is published while it is offline is not queued.`,
    data: {
      count: filters.length,
      filters: filters.slice(0, FILTERS_NAMED_MAX),
      effect: 'not queued offline',
    },
    actions: [],
  }
}
