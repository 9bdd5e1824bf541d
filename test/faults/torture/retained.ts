// Retained messages that are set and cleared during the run; what is there must never be older than what was acknowledged.

import { setTimeout as sleep } from 'node:timers/promises'
import { persistentConnect } from './link.ts'
import type { Outgoing } from './publisher.ts'
import { unlessGone, Visit } from './visit.ts'
import type { World } from './world.ts'

const TOPICS = 200
/** Retained messages come at once; when none has come for this long, all have. */
const QUIET_MS = 300

interface RetainedTopic {
  /** What was sent, in order: a value, or that it was cleared. */
  readonly sent: ('set' | 'clear')[]
  /** The last of them that was acknowledged; -1 for none. */
  acknowledged: number
}

export class Retained {
  readonly #world: World
  readonly #topics = new Map<string, RetainedTopic>()
  #next = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Topics are used once each before one is used again, so that some are old when the broker is killed. */
  next(): Outgoing {
    const { random } = this.#world
    const number = this.#next < TOPICS && random.once(2) ? this.#next++ : random.below(this.#next + 1)
    const name = `retained/${number}`
    const topic = this.#topics.get(name) ?? { sent: [], acknowledged: -1 }
    this.#topics.set(name, topic)
    const what = random.once(5) ? 'clear' : 'set'
    const index = topic.sent.push(what) - 1
    return {
      topic: name,
      payload: what === 'clear' ? Buffer.alloc(0) : Buffer.from(String(index)),
      retain: true,
      acknowledged: () => {
        topic.acknowledged = Math.max(topic.acknowledged, index)
      },
    }
  }

  /** A new subscriber sees what is retained now; a crash meanwhile makes it say nothing. */
  async check(): Promise<void> {
    const clientId = `retained-reader-${this.#world.ledger.tick()}`
    const connect = { ...persistentConnect(clientId, 5), clean: true, properties: {} }
    const found = new Map<string, number>()
    let lastAt = 0
    await unlessGone(async () => {
      const visit = await Visit.open(this.#world.port, connect, packet => {
        if (!packet.retain) return
        lastAt = performance.now()
        found.set(packet.topic, Number(packet.payload.toString()))
      })
      const due = [...this.#topics].map(([name, topic]) => ({ name, topic, from: topic.acknowledged }))
      await visit.subscribe('retained/#', 0)
      lastAt = performance.now()
      while (performance.now() - lastAt < QUIET_MS && !visit.isClosed) await sleep(20)
      if (visit.isClosed) return
      for (const { name, topic, from } of due) this.#judge(topic, from, found.get(name))
      await visit.leave()
    })
  }

  #judge(topic: RetainedTopic, acknowledged: number, found: number | undefined): void {
    const { state } = this.#world
    if (acknowledged < 0) return
    state.retainedChecked++
    const isRight =
      found === undefined ? topic.sent.slice(acknowledged).includes('clear') : found >= acknowledged
    if (!isRight) state.retainedLost++
  }
}
