// Sessions that are made, altered and ended during the run; what was confirmed must hold after every crash.

import { setTimeout as sleep } from 'node:timers/promises'
import { type IConnectPacket, persistentConnect } from './link.ts'
import { unlessGone, Visit } from './visit.ts'
import type { World } from './world.ts'

/** unknown: a crash fell between question and answer, so either is right. */
type Existence = 'present' | 'absent' | 'unknown'

interface MadeSession {
  readonly clientId: string
  at: Existence
  readonly filters: Map<string, Existence>
}

const ATTEMPTS_MAX = 100

export class MadeSessions {
  readonly #world: World
  readonly #sessions: MadeSession[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** Ends when the run drains. */
  async run(): Promise<void> {
    while (this.#world.phase === 'running') {
      await this.#world.pause(40, 150)
      const choice = this.#world.random.below(10)
      const session = this.#sessions[this.#world.random.below(Math.max(1, this.#sessions.length))]
      if (choice < 5 || session === undefined) await this.#make()
      else if (choice < 7) await this.#end(session)
      else await this.#lookIn(session)
    }
  }

  async #make(): Promise<void> {
    const clientId = `made-${this.#sessions.length}`
    const session: MadeSession = { clientId, at: 'unknown', filters: new Map() }
    this.#sessions.push(session)
    const { random } = this.#world
    await unlessGone(async () => {
      const visit = await Visit.open(this.#world.port, { ...this.#connect(session), clean: true })
      session.at = 'present'
      for (const filter of [`${clientId}/a`, `${clientId}/b`]) {
        session.filters.set(filter, 'unknown')
        await visit.subscribe(filter, 1)
        session.filters.set(filter, 'present')
      }
      if (random.once(3)) {
        session.filters.set(`${clientId}/b`, 'unknown')
        await visit.unsubscribe(`${clientId}/b`)
        session.filters.set(`${clientId}/b`, 'absent')
      }
      if (random.once(2)) await visit.leave()
      else visit.destroy()
    })
  }

  /** Clean Start with an expiry of zero: nothing of it may ever come back. */
  async #end(session: MadeSession): Promise<void> {
    if (session.at === 'absent') return
    session.at = 'unknown'
    for (const filter of session.filters.keys()) session.filters.set(filter, 'unknown')
    await unlessGone(async () => {
      const visit = await Visit.open(this.#world.port, { ...this.#shortConnect(session), clean: true })
      await visit.leave()
      session.at = 'absent'
      for (const filter of session.filters.keys()) session.filters.set(filter, 'absent')
    })
  }

  async #lookIn(session: MadeSession): Promise<void> {
    if (session.at === 'unknown') return
    await unlessGone(async () => {
      const visit = await Visit.open(this.#world.port, this.#connectAgain(session))
      this.#judge(session, visit.sessionPresent)
      await visit.leave()
    })
  }

  #judge(session: MadeSession, isPresent: boolean): void {
    const { state } = this.#world
    if (session.at !== 'unknown') state.sessionsChecked++
    if (session.at === 'absent' && isPresent) state.sessionsBack++
    if (session.at !== 'present' || isPresent) return
    state.sessionsLost++
    session.at = 'unknown'
    for (const [filter, at] of session.filters) {
      if (at === 'present') this.#world.state.subscriptionsLost++
      session.filters.set(filter, 'unknown')
    }
  }

  /** After the drain: a message for every filter, then every session is asked for what it got, and ended. */
  async check(): Promise<void> {
    const publisher = await Visit.open(this.#world.port, {
      ...persistentConnect('made-publisher', 5),
      clean: true,
      properties: {},
    })
    for (const { filters } of this.#sessions) {
      for (const filter of filters.keys()) await publisher.publish(filter, filter)
    }
    await publisher.leave()
    for (const session of this.#sessions) await this.#checkOne(session)
  }

  async #checkOne(session: MadeSession): Promise<void> {
    const { state } = this.#world
    const arrived = new Set<string>()
    const visit = await Visit.open(this.#world.port, this.#connectAgain(session), packet => {
      arrived.add(packet.topic)
    })
    this.#judge(session, visit.sessionPresent)
    const isExpected = [...session.filters].filter(([, at]) => at === 'present').map(([filter]) => filter)
    for (let left = ATTEMPTS_MAX; left > 0 && isExpected.some(filter => !arrived.has(filter)); left--) {
      await sleep(10)
    }
    for (const [filter, at] of session.filters) {
      if (at !== 'unknown') state.subscriptionsChecked++
      if (at === 'present' && !arrived.has(filter)) state.subscriptionsLost++
      if (at === 'absent' && arrived.has(filter)) state.subscriptionsBack++
    }
    await visit.leave()
    const last = await Visit.open(this.#world.port, { ...this.#shortConnect(session), clean: true })
    await last.leave()
  }

  #connect(session: MadeSession): IConnectPacket {
    return persistentConnect(session.clientId, 5)
  }

  #shortConnect(session: MadeSession): IConnectPacket {
    return { ...this.#connect(session), properties: { sessionExpiryInterval: 0 } }
  }

  /** Leaves a session as it found it: one that is there goes on, one that is not is not made. */
  #connectAgain(session: MadeSession): IConnectPacket {
    return session.at === 'absent' ? this.#shortConnect(session) : this.#connect(session)
  }
}
