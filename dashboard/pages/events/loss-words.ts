// Why a message was lost, in a few words, by the reason that the ledger has.

export const lossReasons: readonly (readonly [reason: string, words: string])[] = [
  ['queue-full', 'queue full'],
  ['expired', 'expired'],
  ['session-ended', 'session ended'],
  ['session-cleaned', 'session cleaned'],
  ['removed', 'removed by an operator'],
  ['slow-consumer', 'client did not read (QoS 0)'],
  ['offline-qos-0', 'client away (QoS 0)'],
  ['too-large', 'too large for the client'],
  ['store-full', 'store full'],
  ['damaged', 'damaged on the disk'],
]

const words: ReadonlyMap<string, string> = new Map(lossReasons)

export function lossInWords(reason: string): string {
  return words.get(reason) ?? reason
}
