// What the burials test does to a store, step by step, and what each step leaves: the same in both processes.

import { SeededRandom } from '../../fuzz/seeded-random.ts'

interface Grave {
  readonly id: string
  readonly what: 'session' | 'queue'
  /** Which of client a's sessions it is, or was taken from. */
  readonly session: number
  readonly payloads: readonly string[]
}

/** Of client a; client b gets every message as well and never acknowledges one, so that cursors matter. */
export interface State {
  /** The session that is there. */
  readonly session: number | undefined
  readonly queue: readonly string[]
  readonly graves: readonly Grave[]
  readonly sessionsMade: number
  readonly appended: number
}

export const FIRST: State = { session: undefined, queue: [], graves: [], sessionsMade: 0, appended: 0 }

export type Act =
  | { readonly act: 'create' | 'append' | 'settle' }
  | { readonly act: 'bury-session'; readonly id: string }
  | { readonly act: 'bury-messages'; readonly id: string; readonly payloads: readonly string[] }
  | { readonly act: 'restore' | 'purge'; readonly id: string }

/** The act of this step, which depends on nothing but its number, the seed and the state. */
export function actOf(state: State, step: number, seed: number): Act {
  const random = new SeededRandom(seed + step * 7_919)
  random.below(2)
  const { session, queue, graves } = state
  const grave = graves.length === 0 ? undefined : random.pick(graves)
  const dice = random.below(10)
  if (grave !== undefined && (dice < 3 || graves.length > 5)) {
    const fits = grave.what === 'session' ? session === undefined : session === grave.session
    return { act: fits && !random.once(4) ? 'restore' : 'purge', id: grave.id }
  }
  if (session === undefined) return { act: 'create' }
  if (dice < 4) return { act: 'bury-session', id: `session-${step}` }
  if (dice < 6 && queue.length > 0) {
    const payloads = random.once(3) ? queue : queue.filter(() => random.once(2))
    return { act: 'bury-messages', id: `messages-${step}`, payloads }
  }
  return { act: dice < 8 && queue.length > 0 ? 'settle' : 'append' }
}

export function after(state: State, act: Act): State {
  const { session, queue, graves, sessionsMade, appended } = state
  const inOrder = (payloads: readonly string[]): string[] =>
    payloads.toSorted((one, other) => Number(one) - Number(other))
  switch (act.act) {
    case 'create':
      return { ...state, session: sessionsMade + 1, sessionsMade: sessionsMade + 1, queue: [] }
    case 'append':
      return { ...state, appended: appended + 1, queue: [...queue, String(appended)] }
    case 'settle':
      return { ...state, queue: queue.slice(1) }
    case 'bury-session': {
      const grave: Grave = { id: act.id, what: 'session', session: session!, payloads: queue }
      return { ...state, session: undefined, queue: [], graves: [...graves, grave] }
    }
    case 'bury-messages': {
      const grave: Grave = { id: act.id, what: 'queue', session: session!, payloads: act.payloads }
      const left = queue.filter(payload => !act.payloads.includes(payload))
      return { ...state, queue: left, graves: [...graves, grave] }
    }
    case 'restore': {
      const grave = graves.find(one => one.id === act.id)!
      const rest = graves.filter(one => one !== grave)
      return { ...state, session: grave.session, queue: inOrder([...queue, ...grave.payloads]), graves: rest }
    }
    case 'purge':
      return { ...state, graves: graves.filter(one => one.id !== act.id) }
  }
}
