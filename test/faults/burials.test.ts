// kill -9 while sessions and messages are buried, restored and purged: each step has happened, or has not.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SeededRandom } from '../fuzz/seeded-random.ts'
import { embeddedStore, payloadsOf } from '../harness/embedded-store.ts'
import { Subject } from '../store/contract/subject.ts'
import { actOf, after, FIRST, type State } from './burials/script.ts'

const SEED = Number(process.env['HOLDFAST_SEED'] ?? randomInt(2 ** 30))
const KILLS = 12
/** Steps of one process before it is killed, at most. */
const STEPS_MAX = 30
/** A step takes about so long. */
const STEP_MS = 4
const WITHIN_MS = 20_000

test(`${KILLS} kills leave each burial done or undone (HOLDFAST_SEED=${SEED})`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-burials-'))
  const random = new SeededRandom(SEED)
  let state = FIRST
  let step = 0
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const done = await workAndKill(
        directory,
        step,
        state,
        1 + random.below(STEPS_MAX),
        random.below(STEP_MS),
      )
      for (; step <= done; step++) state = after(state, actOf(state, step, SEED))
      const act = actOf(state, step, SEED)
      const next = after(state, act)
      const found = await observe(directory)
      const isDone = JSON.stringify(found) === JSON.stringify(seen(next))
      if (!isDone) assert.deepEqual(found, seen(state), `step ${step}, ${JSON.stringify(act)}, kill ${kill}`)
      if (isDone) {
        state = next
        step++
      }
    }
  } finally {
    await rm(directory, { recursive: true })
  }
})

/** Lets a process work until it has done so many steps and begun another; resolves with the last that it said. */
async function workAndKill(
  directory: string,
  step: number,
  state: State,
  steps: number,
  delayMs: number,
): Promise<number> {
  const program = join(import.meta.dirname, 'burials/process.ts')
  const args = [program, directory, String(SEED), String(step), JSON.stringify(state)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const deadline = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS)
  let last = step - 1
  const lines = createInterface(child.stdout)
  lines.on('line', line => {
    last = Number(line)
    if (last === step + steps - 1) void sleep(delayMs).then(() => child.kill('SIGKILL'))
  })
  await Promise.all([once(child, 'exit'), once(lines, 'close')])
  clearTimeout(deadline)
  assert.ok(last >= step + steps - 1, `it ended on its own, or was too slow, at step ${last}`)
  return last
}

/** What can be seen of a state from outside. */
function seen({ session, queue, graves, appended }: State) {
  return {
    queue: session === undefined ? undefined : queue,
    graves: graves.map(({ id, what, payloads }) => ({ id, what, messages: payloads.length })),
    others: appended,
  }
}

async function observe(directory: string) {
  const subject = await Subject.open(embeddedStore(directory))
  const queues = new Map(subject.recovered.map(({ lease: { queue } }) => [queue.clientId, queue]))
  assert.equal(queues.size, subject.recovered.length, 'two sessions of one client')
  const own = queues.get('a')
  const payloads = own === undefined ? undefined : [...(await payloadsOf(subject.store, own)).values()]
  const graves = [...subject.store.tombstones()].map(({ id, what, messages }) => ({ id, what, messages }))
  await subject.close()
  return { queue: payloads, graves, others: queues.get('b')?.messages ?? 0 }
}
