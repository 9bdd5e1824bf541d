// One run: a broker under load is killed, or its power is cut, again and again; then everything is counted.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../bench/peers/port.ts'
import { SeededRandom } from '../../fuzz/seeded-random.ts'
import { BrokerProcess } from './broker-process.ts'
import { assemble, type Cast } from './cast.ts'
import { type Crash, Crasher, type CrashFigures } from './crasher.ts'
import { Ledger, type MessageFigures } from './ledger.ts'
import { type LeftOver, leftOverIn } from './left-over.ts'
import { persistentConnect } from './link.ts'
import { PowerCut } from './power-cut/power-cut.ts'
import type { Subject } from './subjects.ts'
import { Visit } from './visit.ts'
import { type StateFigures, World } from './world.ts'

export interface TortureOptions {
  readonly subject: Subject
  readonly seed: number
  readonly kills: number
  readonly cuts: number
  readonly minutes: number
  progress(line: string): void
}

export interface TortureResult {
  readonly subject: string
  readonly seed: number
  readonly startedAt: string
  readonly seconds: number
  readonly crashes: CrashFigures
  readonly messages: MessageFigures
  readonly state: StateFigures
  /** Messages that the broker still counts as queued; undefined where it does not tell. */
  readonly queuedAfterDrain: number | undefined
  readonly leftOver: LeftOver | undefined
  readonly examples: readonly string[]
}

const DRAINS_WITHIN_MS = 180_000
/** When nothing has been delivered for so long, nothing more will be. */
const QUIET_MS = 2_000
const SAYS_WITHIN_MS = 4_000

const folders = new Set<string>()
const brokers = new Set<BrokerProcess>()
process.once('exit', () => {
  for (const broker of brokers) broker.killNow()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Rejects when the broker does not start again; its data are kept then, and the message says where. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const startedAt = new Date()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-torture-'))
  folders.add(folder)
  const dataDirectory = join(folder, 'data')
  mkdirSync(dataDirectory, { mode: 0o700 })
  const port = await freePort()
  const powerCut = options.cuts > 0 ? new PowerCut(dataDirectory, folder) : undefined
  const broker = new BrokerProcess(options.subject, port, dataDirectory, powerCut?.environment ?? {})
  brokers.add(broker)
  const world = new World(port, new SeededRandom(options.seed), new Ledger())
  const crasher = new Crasher(broker, powerCut, new SeededRandom(options.seed + 1))
  await broker.start()
  const cast = assemble(world)
  try {
    await play(options, world, cast, crasher)
  } catch (error) {
    folders.delete(folder)
    world.phase = 'over'
    broker.killNow()
    throw new Error(`the data are kept in ${folder}`, { cause: error })
  }
  const messages = world.ledger.settle()
  cast.wills.check()
  await cast.made.check()
  const queuedAfterDrain = await queuedIn(options.subject, world)
  world.phase = 'over'
  for (const subscriber of cast.subscribers) subscriber.end()
  await broker.stop()
  const result: TortureResult = {
    subject: options.subject.title,
    seed: options.seed,
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    crashes: crasher.figures,
    messages,
    state: world.state,
    queuedAfterDrain,
    leftOver: leftOverIn(dataDirectory),
    examples: world.ledger.examples,
  }
  brokers.delete(broker)
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
  return result
}

async function play(options: TortureOptions, world: World, cast: Cast, crasher: Crasher): Promise<void> {
  for (const subscriber of cast.subscribers) subscriber.start()
  for (const publisher of cast.publishers) publisher.start()
  const busy = [cast.made.run(), cast.wills.run('will-0', 'patient'), cast.wills.run('will-1', 'impatient')]
  const crashes = planOf(options, world.random)
  const endsAt = performance.now() + options.minutes * 60_000
  for (const [index, crash] of crashes.entries()) {
    if (performance.now() > endsAt) break
    await world.pause(80, 1_000)
    await crasher.crash(crash)
    if (crash !== 'kill-at-start') busy.push(cast.retained.check())
    if ((index + 1) % 20 === 0) options.progress(`${index + 1} crashes: ${wordProgress(world)}`)
  }
  world.phase = 'draining'
  await Promise.all(busy)
  await drained(world, cast)
  await cast.retained.check()
}

/** Kills and cuts in any order; one kill in ten hits the broker while it starts. */
function planOf({ kills, cuts }: TortureOptions, random: SeededRandom): Crash[] {
  const crashes: Crash[] = []
  for (let left = kills; left > 0; left--) crashes.push(random.once(10) ? 'kill-at-start' : 'kill')
  for (let left = cuts; left > 0; left--) crashes.push('cut')
  for (let index = crashes.length - 1; index > 0; index--) {
    const other = random.below(index + 1)
    const swapped = crashes[index]!
    crashes[index] = crashes[other]!
    crashes[other] = swapped
  }
  return crashes
}

async function drained(world: World, { publishers, subscribers }: Cast): Promise<void> {
  const giveUpAt = performance.now() + DRAINS_WITHIN_MS
  let deliveries = -1
  let quietSince = performance.now()
  while (performance.now() < giveUpAt) {
    await sleep(100)
    const isBusy = publishers.some(one => !one.isIdle) || subscribers.some(one => !one.isThere)
    if (isBusy || world.ledger.figures.deliveries !== deliveries) {
      deliveries = world.ledger.figures.deliveries
      quietSince = performance.now()
    }
    if (performance.now() - quietSince > QUIET_MS) return
  }
  throw new Error(`it was not drained within ${DRAINS_WITHIN_MS / 1000} s`)
}

/** What the broker itself says, twice a second; it may take a moment to say that there is nothing left. */
async function queuedIn({ queuedTopic }: Subject, world: World): Promise<number | undefined> {
  if (queuedTopic === undefined) return undefined
  let queued: number | undefined
  const connect = { ...persistentConnect('sys-reader', 5), clean: true, properties: {} }
  const visit = await Visit.open(world.port, connect, packet => {
    queued = Number(packet.payload.toString())
  })
  await visit.subscribe(queuedTopic, 0)
  for (let left = SAYS_WITHIN_MS; left > 0 && queued !== 0; left -= 50) await sleep(50)
  await visit.leave()
  return queued
}

function wordProgress({ ledger, state }: World): string {
  const { acknowledged, deliveries, qos2Duplicates, orderViolations } = ledger.figures
  const faults = qos2Duplicates + orderViolations + state.sessionsLost + state.retainedLost
  return `${acknowledged} acknowledged, ${deliveries} delivered, ${faults} faults so far`
}
