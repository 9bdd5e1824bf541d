// What becomes of a message for a client, in a word and a colour, in the order in which one asks for it.

import type { TopicOutcome } from '../../../shared/topics.ts'
import type { Tone } from '../../parts/StateChip.svelte'

export const outcomes: readonly (readonly [outcome: TopicOutcome, words: string])[] = [
  ['delivered', 'at once'],
  ['queued', 'later'],
  ['lost', 'never'],
  ['refused', 'would refuse it'],
]

export const outcomeTone: Readonly<Record<TopicOutcome, Tone>> = {
  delivered: 'good',
  queued: 'waiting',
  lost: 'danger',
  refused: 'danger',
}
