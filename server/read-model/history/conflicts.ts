// Two clients with one client id: who fights with whom, how fast, and who wins.

import type { Conflict, Contender } from '../../../shared/conflict.ts'
import type { Millis } from '../../clock.ts'
import type { ConnectionFacts, RemoteFacts } from '../../events/connection-facts.ts'
import { adviceFor, explain } from './conflict-words.ts'
import {
  CONFLICT_KEPT_MS,
  CONFLICT_TAKEOVERS,
  CONFLICT_WINDOW_MS,
  CONTENDERS_MAX,
  FIGHTS_MAX,
  STRIP_MAX,
} from './limits.ts'

/** To find one that can be forgotten among all would cost too much in a storm of takeovers. */
const FIGHTS_LOOKED_AT = 32
const MOVE_MS = 10_000

export interface Takeover {
  readonly at: Millis
  readonly clientId: string
  readonly from: ConnectionFacts
  /** When the one that is taken over from had connected. */
  readonly since: Millis
  readonly by: ConnectionFacts
}

interface Party {
  readonly remote: ConnectionFacts
  wins: number
  lastAt: Millis
}

interface Fight {
  readonly clientId: string
  /** Latest takeovers, at most STRIP_MAX: when, and which party won. */
  readonly strip: { readonly at: Millis; readonly winner: Party; readonly heldMs: Millis }[]
  readonly parties: Map<string, Party>
  takeovers: number
  redelivered: number
  movedAt: Millis
  /** When this conflict began; undefined before it is one. */
  since: Millis | undefined
  isActive: boolean
}

export interface ConflictsGiven {
  /** A client id is fought over from now on, or no longer. */
  changed(clientId: string, isActive: boolean): void
}

export class Conflicts {
  readonly #given: ConflictsGiven
  /** In the order of the latest takeover, to within MOVE_MS, the oldest first. */
  readonly #fights = new Map<string, Fight>()
  readonly #active = new Set<Fight>()

  constructor(given: ConflictsGiven) {
    this.#given = given
  }

  /** Client ids that are fought over now. */
  get active(): number {
    return this.#active.size
  }

  learn(takeover: Takeover): void {
    const { clientId, at } = takeover
    const fight = this.#fights.get(clientId) ?? startFight(clientId)
    this.#moveToEnd(fight, at)
    const winner = partyOf(fight, takeover.by, at)
    partyOf(fight, takeover.from, at)
    winner.wins++
    fight.takeovers++
    fight.strip.push({ at, winner, heldMs: Math.max(0, at - takeover.since) })
    if (fight.strip.length > STRIP_MAX) fight.strip.shift()
    if (!fight.isActive && recent(fight, at) >= CONFLICT_TAKEOVERS) {
      fight.isActive = true
      if (fight.since === undefined) {
        fight.since = fight.strip.find(one => one.at > at - CONFLICT_WINDOW_MS)!.at
        fight.takeovers = recent(fight, at)
      }
      this.#active.add(fight)
      this.#given.changed(clientId, true)
    }
    if (this.#fights.size > FIGHTS_MAX) this.#forgetOldest()
  }

  /** Messages that were sent to a client once more because it took over. */
  redelivered(clientId: string, messages: number): void {
    const fight = this.#fights.get(clientId)
    if (fight !== undefined) fight.redelivered += messages
  }

  /** Lets fights rest that have calmed down; to be called about once a second. */
  settle(now: Millis): void {
    for (const fight of this.#active) {
      if (recent(fight, now) >= CONFLICT_TAKEOVERS) continue
      fight.isActive = false
      this.#active.delete(fight)
      this.#given.changed(fight.clientId, false)
    }
    for (const fight of this.#fights.values()) {
      if (lastAt(fight) > now - CONFLICT_KEPT_MS) break
      this.#fights.delete(fight.clientId)
    }
  }

  find(clientId: string, now: Millis): Conflict | undefined {
    const fight = this.#fights.get(clientId)
    return fight?.since === undefined ? undefined : describe(fight, now)
  }

  /** Those with a takeover in the last `windowMs`, the busiest first. */
  list(windowMs: Millis, now: Millis): Conflict[] {
    return [...this.#fights.values()]
      .filter(fight => fight.since !== undefined && lastAt(fight) > now - windowMs)
      .map(fight => describe(fight, now))
      .sort((one, other) => other.perMinute - one.perMinute || other.takeovers - one.takeovers)
  }

  /** Not for each takeover of a fast fight: a map is slow when one key is taken out and put in again and again. */
  #moveToEnd(fight: Fight, at: Millis): void {
    if (at - fight.movedAt < MOVE_MS) return
    fight.movedAt = at
    this.#fights.delete(fight.clientId)
    this.#fights.set(fight.clientId, fight)
  }

  /** One that never became a conflict, if there is such a one among the oldest. */
  #forgetOldest(): void {
    const oldest: Fight[] = []
    for (const fight of this.#fights.values()) {
      if (oldest.push(fight) === FIGHTS_LOOKED_AT) break
    }
    const fight = oldest.find(one => one.since === undefined) ?? oldest[0]!
    this.#fights.delete(fight.clientId)
    if (this.#active.delete(fight)) this.#given.changed(fight.clientId, false)
  }
}

function startFight(clientId: string): Fight {
  return {
    clientId,
    strip: [],
    parties: new Map(),
    takeovers: 0,
    redelivered: 0,
    movedAt: Number.NEGATIVE_INFINITY,
    since: undefined,
    isActive: false,
  }
}

/** The same place, whatever port it comes from: two tabs of one browser are one, which is said in words. */
function partyOf(fight: Fight, remote: ConnectionFacts, at: Millis): Party {
  const { address, origin, userAgent, path } = remote
  const key = [address, origin, userAgent, path].join('\n')
  const known = fight.parties.get(key)
  if (known !== undefined) {
    known.lastAt = at
    return known
  }
  if (fight.parties.size >= CONTENDERS_MAX) {
    const [oldest] = [...fight.parties].sort(([, one], [, other]) => one.lastAt - other.lastAt)
    fight.parties.delete(oldest![0])
  }
  const party = { remote, wins: 0, lastAt: at }
  fight.parties.set(key, party)
  return party
}

function lastAt(fight: Fight): Millis {
  return fight.strip.at(-1)!.at
}

/** Takeovers in the window before `now`; the strip holds no more than STRIP_MAX, which then is the answer. */
function recent(fight: Fight, now: Millis): number {
  return fight.strip.filter(one => one.at > now - CONFLICT_WINDOW_MS).length
}

function describe(fight: Fight, now: Millis): Conflict {
  const parties = inOrder([...fight.parties.values()])
  const contenders = parties.map(contender)
  const facts = {
    clientId: fight.clientId,
    isActive: fight.isActive,
    perMinute: perMinute(fight, now),
    takeovers: fight.takeovers,
    since: new Date(fight.since!).toISOString(),
    lastAt: new Date(lastAt(fight)).toISOString(),
    heldMs: median(fight.strip.map(one => one.heldMs)),
    redelivered: fight.redelivered,
    contenders,
    strip: fight.strip.map(one => ({
      at: new Date(one.at).toISOString(),
      // One that fought so long ago that it was forgotten is nobody in particular.
      winner: parties.indexOf(one.winner),
    })),
  }
  return { ...facts, sentence: explain(facts), advice: adviceFor(facts) }
}

/**
 * Who wins clearly more often comes first, the others as they came: two that win in turn would change places, and with
 * them their letters, at each takeover.
 */
function inOrder(parties: readonly Party[]): readonly Party[] {
  const ordered: Party[] = []
  for (const party of parties) {
    let place = ordered.length
    while (place > 0 && party.wins > clearlyMoreThan(ordered[place - 1]!.wins)) place--
    ordered.splice(place, 0, party)
  }
  return ordered
}

/** A tenth more, and not by the one win that whoever came last is ahead. */
function clearlyMoreThan(wins: number): number {
  return wins * 1.1 + 1
}

/** A strip that the last minute alone has filled says how fast it was filled. */
function perMinute(fight: Fight, now: Millis): number {
  const count = recent(fight, now)
  if (count < STRIP_MAX) return count
  const spanMs = Math.max(1, lastAt(fight) - fight.strip[0]!.at)
  return Math.round(((count - 1) / spanMs) * 60_000)
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

function contender({ remote, wins, lastAt }: Party): Contender {
  const { address, port, transport, origin, userAgent, path }: RemoteFacts = remote
  return {
    transport,
    address,
    port,
    origin: origin ?? null,
    userAgent: userAgent ?? null,
    path: path ?? null,
    protocolVersion: remote.protocolVersion,
    cleanStart: remote.cleanStart,
    keepAliveSeconds: remote.keepAliveSeconds,
    wins,
    lastAt: new Date(lastAt).toISOString(),
  }
}
