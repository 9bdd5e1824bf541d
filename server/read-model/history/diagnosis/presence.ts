// Findings about who is there: online, offline and why, kept out by an operator, fought over.

import { countInWords, listInWords, spanInWords } from '../../../../shared/plain-words.ts'
import type { DiagnosisFacts, Left } from './facts.ts'
import { type Finding, iso } from './finding.ts'

export function presenceFindings(facts: DiagnosisFacts): readonly (Finding | undefined)[] {
  return [present(facts), endedBadly(facts), held(facts), conflict(facts)]
}

function present({ presence, now }: DiagnosisFacts): Finding {
  const span = spanInWords(now - presence.since)
  const data = { since: iso(presence.since) }
  const rest = { severity: 'information', data, actions: [] } as const
  switch (presence.at) {
    case 'online':
      return { code: 'online-healthy', text: `Online for ${span}.`, ...rest }
    case 'offline':
      return { code: 'offline', text: `Offline for ${span}.`, ...rest }
    case 'never-connected':
      return {
        code: 'never-connected',
        text: `Created ${span} ago; no client has connected to it yet.`,
        ...rest,
      }
  }
}

/** Ends that a developer or an operator has to do something about; the others are everyday life. */
const badEnds: Readonly<Record<string, string>> = {
  'keep-alive': 'nothing was heard from it for one and a half times its keep alive',
  'protocol-error': 'it broke the protocol',
  'packet-too-large': 'it sent a packet above the limit',
  'slow-consumer': 'it did not read what was sent to it',
  'not-authorized': 'it was not allowed to go on',
  operator: 'an operator closed it',
}

function endedBadly({ presence }: DiagnosisFacts): Finding | undefined {
  if (presence.at !== 'offline' || presence.left === undefined) return undefined
  const { left } = presence
  const why = badEnds[left.cause]
  if (why === undefined) return undefined
  const isOurs = left.cause === 'operator' || left.cause === 'keep-alive'
  return {
    code: 'ended-badly',
    severity: isOurs ? 'information' : 'warning',
    text: `Its last connection ended because ${whoOrWhy(left, why)}.`,
    data: { cause: left.cause, detail: left.detail, by: left.by ?? null },
    actions: [],
  }
}

function whoOrWhy(left: Left, why: string): string {
  if (left.cause === 'operator' && left.by !== undefined) return `${left.by} closed it`
  return left.detail === '' ? why : `${why} (${left.detail})`
}

function held({ hold, now }: DiagnosisFacts): Finding | undefined {
  if (hold === undefined) return undefined
  const by = hold.by === undefined ? '' : ` by ${hold.by}`
  const reason = hold.reason === undefined || hold.reason === '' ? '' : ` (${hold.reason})`
  return {
    code: 'held',
    severity: 'warning',
    text: `Held${by}${reason}: its attempts to connect are refused for another ${spanInWords(hold.until - now)}.`,
    data: { until: iso(hold.until), by: hold.by ?? null, reason: hold.reason ?? null },
    actions: ['release-hold'],
  }
}

function conflict({ conflict }: DiagnosisFacts): Finding | undefined {
  if (conflict === undefined) return undefined
  const { perMinute, since, contenders } = conflict
  const who = contenders.length < 2 ? 'Two clients' : `${contenders.length} clients`
  const where = contenders.length === 0 ? '' : ` (${listInWords(contenders.slice(0, 3))})`
  return {
    code: 'takeover-conflict',
    severity: 'problem',
    text: `${who} use this client id and push each other out${where}: ${countInWords(perMinute, 'time')} in the last minute.`,
    data: { perMinute, since: iso(since), contenders },
    actions: ['hold'],
  }
}
