// Why a message was lost, in words, by the reason that the ledger has: as a name, and as what follows `lost because`.

interface LossWords {
  readonly name: string
  readonly because: string
}

const words: Readonly<Record<string, LossWords>> = {
  'queue-full': { name: 'queue full', because: 'the queue was full' },
  expired: { name: 'expired', because: 'they expired' },
  'session-ended': { name: 'session ended', because: 'the session ended' },
  'session-cleaned': { name: 'session cleaned', because: 'the session was cleaned' },
  removed: { name: 'removed by an operator', because: 'an operator removed them' },
  'slow-consumer': {
    name: 'client did not read (QoS 0)',
    because: 'the client did not read fast enough',
  },
  'offline-qos-0': {
    name: 'client away (QoS 0)',
    because: 'QoS 0 does not wait for a client that is away',
  },
  'too-large': { name: 'too large for the client', because: 'they were too large for the client' },
  'store-full': { name: 'store full', because: 'the store was full' },
  damaged: { name: 'damaged on the disk', because: 'the disk had damaged them' },
}

export const lossReasons: readonly (readonly [reason: string, name: string])[] = Object.entries(words).map(
  ([reason, { name }]) => [reason, name],
)

export function lossInWords(reason: string): string {
  return words[reason]?.name ?? reason
}

export function lossBecause(reason: string): string {
  return words[reason]?.because ?? reason
}
