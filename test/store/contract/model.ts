// Contract: thousands of random verbs, with every count and every fetched entry compared with the oracle's.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import type { PacketId, QoS } from '../../../server/protocol/packet.ts'
import type { Entry, Lease, QueueLimits, Recovered } from '../../../server/store/store.ts'
import { SeededRandom } from '../../fuzz/seeded-random.ts'
import { message } from './messages.ts'
import { Oracle, type OracleEntry, type OracleQueue } from './oracle.ts'
import type { StoreCase } from './store-case.ts'
import {
  counts,
  eventually,
  type Lost,
  NEVER,
  payloadOf,
  ROOMY,
  receiver,
  START,
  type Subject,
  safe,
} from './subject.ts'

const SEED = Number(process.env['HOLDFAST_SEED'] ?? randomInt(2 ** 31))
const BYTES_MAX = 1_200
const CLIENTS = ['a', 'b', 'c', 'd', 'e', 'f']

interface Held {
  /** All leases of this generation; only the last one holds. */
  readonly leases: Lease[]
  readonly queue: OracleQueue
  readonly inFlight: Map<OracleEntry, Entry>
}

export function modelCases(check: StoreCase, usualSteps: number, survives: 'nothing' | 'reopening'): void {
  const steps = Number(process.env['HOLDFAST_STORE_STEPS'] ?? usualSteps)
  check(
    `${steps} random verbs leave what the oracle says (HOLDFAST_SEED=${SEED})`,
    async ({ subject, reopen }) => {
      const run = new ModelRun(subject, new SeededRandom(SEED), survives === 'nothing' ? undefined : reopen)
      for (let count = 0; count < steps; count++) {
        let step = 'nothing'
        try {
          step = await run.step()
          await run.compare()
        } catch (error) {
          const last = [...run.trail.slice(-12), step].join('\n  ')
          throw new Error(`step ${count} of HOLDFAST_SEED=${SEED} differs; it ended:\n  ${last}`, {
            cause: error,
          })
        }
      }
    },
    BYTES_MAX,
  )
}

class ModelRun {
  #subject: Subject
  readonly #random: SeededRandom
  readonly #reopenStore: (() => Promise<Subject>) | undefined
  readonly #oracle = new Oracle(BYTES_MAX)
  readonly #held = new Map<string, Held>()
  /** What was done, for whoever reads a failure. */
  readonly trail: string[] = []
  #now = START
  #made = 0
  #buried = 0
  /** The queue that the last step looked through, whose next expiry is exact now. */
  #justExpired: OracleQueue | undefined = undefined

  constructor(subject: Subject, random: SeededRandom, reopenStore: (() => Promise<Subject>) | undefined) {
    this.#subject = subject
    this.#random = random
    this.#reopenStore = reopenStore
  }

  async step(): Promise<string> {
    return this.#note(await this.#anyStep())
  }

  async #anyStep(): Promise<string> {
    const random = this.#random
    const { size } = this.#oracle.graves
    if (size > 0 && random.once(size > 4 ? 6 : 15)) return this.#unbury()
    if (this.#reopenStore !== undefined && random.once(150)) return this.#reopen(this.#reopenStore)
    const held = this.#held.get(random.pick(CLIENTS))
    if (held === undefined) return this.#attach('resume')
    const dice = random.below(100)
    if (dice < 31) return this.#append()
    if (dice < 53) return this.#fetch(held)
    if (dice < 73) return this.#progress(held)
    if (dice < 79) return this.#staleVerb(held)
    if (dice < 83) return this.#expire(held)
    if (dice < 86) return this.#look(held)
    if (dice < 90) return this.#takeOut(held)
    if (dice < 92) return this.#bury(held)
    if (dice < 97) return this.#attach('resume')
    if (dice < 99) return this.#attach('replace')
    return this.#end(held)
  }

  #note(step: string): string {
    this.trail.push(step)
    return step
  }

  async compare(): Promise<void> {
    await eventually(() => this.#compareNow())
    this.#subject.lostMessages.length = 0
    this.#justExpired = undefined
    this.#oracle.lost = []
  }

  #compareNow(): void {
    compareLost(this.#subject.lostMessages, this.#oracle.lost)
    assert.deepEqual(this.#subject.store.totals(), this.#oracle.totals())
    assert.deepEqual(
      [...this.#subject.store.tombstones()].map(({ id, messages, bytes }) => ({ id, messages, bytes })),
      [...this.#oracle.graves.values()].map(({ id, what, queue, entries }) => ({
        id,
        messages: (what === 'session' ? queue.owed : entries).length,
        bytes: what === 'session' ? queue.bytes : entries.reduce((sum, { body }) => sum + body.size, 0),
      })),
    )
    for (const [clientId, { queue, leases }] of this.#held) {
      const real = leases.at(-1)!.queue
      assert.deepEqual(
        { clientId, ...counts(real) },
        {
          clientId,
          messages: queue.owed.length,
          bytes: queue.bytes,
          waiting: queue.waiting.length,
        },
      )
      const next = queue.nextExpiryAt
      if (queue.waiting.length === 0 || this.#justExpired === queue)
        assert.equal(real.nextExpiryAt, next, clientId)
      else assert.ok(real.nextExpiryAt <= next, `${clientId}: ${real.nextExpiryAt} is later than ${next}`)
    }
  }

  async #attach(existing: 'resume' | 'replace', clientId = this.#random.pick(CLIENTS)): Promise<string> {
    const limits: QueueLimits = {
      messagesMax: this.#random.pick([0, 1, 3, 8, 50]),
      bytesMax: this.#random.pick([0, 20, 60, 400, 10_000]),
      overflow: this.#random.pick(['drop-oldest', 'drop-oldest', 'drop-newest', 'reject']),
    }
    const attached = await this.#subject.attach(clientId, { existing, limits, now: this.#now })
    assert.equal(attached.at, this.#oracle.attach(clientId, existing, limits))
    const former = this.#held.get(clientId)
    if (attached.at === 'resumed') {
      assert.ok(attached.lease.epoch > former!.leases.at(-1)!.epoch, 'the epoch did not grow')
      former!.leases.push(attached.lease)
    } else {
      const queue = this.#oracle.queues.get(clientId)!
      this.#held.set(clientId, { leases: [attached.lease], queue, inFlight: new Map() })
    }
    return `${existing} ${clientId} ${JSON.stringify(limits)}`
  }

  async #append(): Promise<string> {
    const random = this.#random
    const expires = random.once(2)
    const payload = String(this.#made++).padEnd(random.below(40), '.')
    const made = message(payload, {
      qos: random.below(3) as QoS,
      retain: random.once(2),
      expiresAt: expires ? this.#now + random.below(60) : NEVER,
    })
    const to = random.list(4, () => this.#held.get(random.pick([...this.#held.keys()]))!, 1)
    const receivers = to.map(held => ({
      held,
      qos: random.below(3) as QoS,
      retainAsPublished: random.once(2),
      identifier: random.below(3),
    }))
    const outcome = await this.#subject.append(
      made,
      ...receivers.map(({ held, qos, retainAsPublished, identifier }) =>
        receiver(held.leases[random.below(held.leases.length)]!.queue, {
          qos,
          retainAsPublished,
          subscriptionIdentifiers: identifier === 0 ? undefined : [identifier],
          sharedFilter: identifier === 2 ? '$share/g/t' : undefined,
        }),
      ),
    )
    const expected = this.#oracle.append(
      made,
      receivers.map(({ held, ...asked }) => ({ ...asked, queue: held.queue })),
    )
    const step = `append ${payload} to ${to.map(held => held.queue.clientId).join()}: ${outcome}`
    assert.equal(outcome, expected, step)
    return step
  }

  async #fetch(held: Held): Promise<string> {
    const entry = await this.#subject.fetch(held.leases.at(-1)!, this.#now)
    const expected = this.#oracle.fetch(held.queue, this.#now)
    const step = `fetch ${held.queue.clientId}: ${entry === undefined ? 'nothing' : payloadOf(entry)}`
    if (entry === undefined || expected === undefined) {
      assert.equal(entry && payloadOf(entry), expected?.body.payload, step)
      return step
    }
    assert.deepEqual(
      [
        payloadOf(entry),
        entry.qos,
        entry.retain,
        entry.subscriptionIdentifiers ?? [0],
        entry.at,
        entry.packetId,
      ],
      [expected.body.payload, expected.qos, expected.retain, [expected.identifier], 'waiting', 0],
      step,
    )
    held.inFlight.set(expected, entry)
    return step
  }

  /** Takes one entry in flight a step on: sent, released, or acknowledged, as it may come. */
  async #progress(held: Held): Promise<string> {
    if (held.inFlight.size === 0) return `nothing is in flight for ${held.queue.clientId}`
    const [expected, entry] = this.#random.pick([...held.inFlight])
    const { store } = this.#subject
    const lease = held.leases.at(-1)!
    const step = `${expected.at} ${expected.body.payload} of ${held.queue.clientId} moves on`
    if (expected.at === 'fetched' && expected.qos > 0 && !this.#random.once(5)) {
      const packetId = (1 + this.#random.below(65_535)) as PacketId
      await safe(store.send(lease, entry, packetId, START))
      expected.at = 'published'
      expected.packetId = packetId
    } else if (expected.at === 'published' && expected.qos === 2 && !this.#random.once(5)) {
      await safe(store.release(lease, entry))
      expected.at = 'released'
    } else {
      await safe(store.acknowledge(lease, entry))
      this.#oracle.acknowledge(held.queue, expected)
      held.inFlight.delete(expected)
      return step
    }
    assert.deepEqual([entry.at, entry.packetId], [expected.at, expected.packetId], step)
    return step
  }

  /** Whatever a fenced-out lease does, nothing happens. */
  async #staleVerb(held: Held): Promise<string> {
    const stale = held.leases.slice(0, -1)
    if (stale.length === 0) return `no old lease of ${held.queue.clientId}`
    const lease = this.#random.pick(stale)
    const { store } = this.#subject
    assert.equal(store.fetch(lease, this.#now), undefined)
    for (const [expected, entry] of held.inFlight) {
      if (entry.at === 'waiting') continue
      await safe(store.send(lease, entry, 1 as PacketId, START))
      await safe(store.release(lease, entry))
      await safe(store.acknowledge(lease, entry))
      assert.deepEqual([entry.at, entry.packetId], [expected.at, expected.packetId])
    }
    return `epoch ${lease.epoch} of ${held.queue.clientId} tries everything`
  }

  async #expire(held: Held): Promise<string> {
    this.#now += this.#random.below(40)
    this.#subject.store.expire(held.leases.at(-1)!.queue, this.#now)
    this.#oracle.expire(held.queue, this.#now)
    this.#justExpired = held.queue
    return `expire ${held.queue.clientId} at +${this.#now - START}`
  }

  async #end(held: Held): Promise<string> {
    const reason = this.#random.pick(['session-ended', 'session-cleaned'] as const)
    await this.#subject.end(held.leases.at(-1)!.queue, reason)
    this.#oracle.end(held.queue, reason)
    this.#held.delete(held.queue.clientId)
    return `end ${held.queue.clientId}: ${reason}`
  }

  /** What is owed, oldest first, with the numbers the store has for it. */
  async #owed({ leases, queue }: Held): Promise<{ readonly seq: number; readonly entry: OracleEntry }[]> {
    const real = leases.at(-1)!.queue
    const found = this.#subject.store.browse(real, 0, 1_000)
    const expected = queue.owed.toSorted((one, other) => one.order - other.order)
    assert.deepEqual(
      found.map(({ size, qos, at, packetId }) => [size, qos, at, packetId]),
      expected.map(({ body, qos, at, packetId }) => [
        body.size,
        qos,
        at === 'fetched' ? 'waiting' : at,
        packetId,
      ]),
    )
    return found.map(({ seq }, index) => ({ seq, entry: expected[index]! }))
  }

  async #look(held: Held): Promise<string> {
    const owed = await this.#owed(held)
    const seqs = owed.map(one => one.seq)
    const bodies = await this.#subject.store.read(held.leases.at(-1)!.queue, seqs)
    for (const { seq, entry } of owed) assert.equal(bodies.get(seq)?.payload.toString(), entry.body.payload)
    return `look at ${owed.length} of ${held.queue.clientId}`
  }

  /** Some waiting messages, or all, are dropped or buried. */
  async #takeOut(held: Held): Promise<string> {
    const { clientId } = held.queue
    const isAll = this.#random.once(3)
    const waiting = (await this.#owed(held)).filter(({ entry }) => entry.at === 'waiting')
    const picked = isAll ? waiting : waiting.filter(() => this.#random.once(2))
    const seqs = isAll ? undefined : picked.map(one => one.seq)
    const entries = picked.map(one => one.entry)
    const real = held.leases.at(-1)!.queue
    if (this.#random.once(3)) {
      await safe(this.#subject.store.discard(real, seqs, 'removed'))
      this.#oracle.discard(held.queue, entries)
      return `discard ${entries.length} of ${clientId}`
    }
    const id = `messages-${this.#buried++}`
    await safe(this.#subject.store.bury(real, { id, what: 'queue', seqs }, this.#times()).ticket)
    this.#oracle.buryMessages(id, held.queue, entries)
    return `bury ${entries.length} of ${clientId} as ${id}`
  }

  async #bury(held: Held): Promise<string> {
    const id = `session-${this.#buried++}`
    const real = held.leases.at(-1)!.queue
    await safe(this.#subject.store.bury(real, { id, what: 'session' }, this.#times()).ticket)
    this.#oracle.burySession(id, held.queue)
    this.#held.delete(held.queue.clientId)
    return `bury ${held.queue.clientId} as ${id}`
  }

  #times(): { readonly now: number; readonly purgeAt: number } {
    return { now: this.#now, purgeAt: this.#now + 1_000 }
  }

  async #unbury(): Promise<string> {
    const { id, queue } = this.#random.pick([...this.#oracle.graves.values()])
    if (this.#random.once(4)) {
      await safe(this.#subject.store.purge(id))
      this.#oracle.purge(id)
      return `purge ${id} of ${queue.clientId}`
    }
    const restored = await this.#subject.store.restore(id, this.#now)
    const step = `restore ${id} of ${queue.clientId}: ${restored.at}`
    assert.equal(restored.at, this.#oracle.restore(id, this.#now), step)
    if (restored.at === 'restored' && restored.recovered !== undefined) await this.#hold(restored.recovered)
    return step
  }

  /** A session has come back, by whatever way, and its client connects. */
  async #hold({ lease, sending }: Recovered): Promise<void> {
    const queue = this.#oracle.queues.get(lease.queue.clientId)!
    const inFlight = new Map<OracleEntry, Entry>()
    assert.deepEqual(
      sending.map(entry => [payloadOf(entry), entry.at, entry.packetId]).sort(),
      queue.inFlight.map(({ body, at, packetId }) => [body.payload, at, packetId]).sort(),
    )
    for (const expected of queue.inFlight) {
      const found = sending.find(
        entry => payloadOf(entry) === expected.body.payload && entry.packetId === expected.packetId,
      )
      inFlight.set(expected, found!)
    }
    this.#held.set(queue.clientId, { leases: [lease], queue, inFlight })
    await this.#attach('resume', queue.clientId)
  }

  async #reopen(reopenStore: () => Promise<Subject>): Promise<string> {
    this.#subject = await reopenStore()
    this.#oracle.reopen(ROOMY)
    this.#held.clear()
    assert.deepEqual(
      this.#subject.recovered.map(one => one.record.clientId).sort(),
      [...this.#oracle.queues.keys()].sort(),
    )
    for (const recovered of this.#subject.recovered) await this.#hold(recovered)
    return 'reopen'
  }
}

/** Bodies that memory does not keep go without their name. */
function compareLost(found: readonly Lost[], expected: readonly Lost[]): void {
  const missing = [...expected]
  const named = found.toSorted((one, other) => Number(one.payload === '?') - Number(other.payload === '?'))
  for (const { clientId, payload, reason } of named) {
    const isThis = (one: Lost): boolean => one.payload === payload || payload === '?'
    const index = missing.findIndex(one => one.clientId === clientId && one.reason === reason && isThis(one))
    assert.ok(index >= 0, `${clientId} lost ${payload}, ${reason}, and should not have`)
    missing.splice(index, 1)
  }
  assert.deepEqual(missing, [], 'it was lost without a word')
}
