// Runs one load against one broker, both fresh: starts the broker, then the generator, and ends both.
import { join } from 'node:path'
import { connectionsMax, cores, killChildren, startChild, stopChild } from './children.ts'
import type { Load } from './generator/load.ts'
import type { Answer, Order } from './generator/main.ts'
import type { Found } from './peers/peer.ts'
import { removeTemporaryFolders } from './temporary-folder.ts'

const generatorFile = join(import.meta.dirname, 'generator/main.ts')
/** Seconds beyond the measured part for connecting, warming up, filling and draining. */
const overtimeSeconds = 120

export type Duration = { seconds: number; warmUpSeconds: number }

export async function runLoad(load: Load, broker: Found, duration: Duration): Promise<Answer> {
  try {
    const running = await broker.start(load)
    const order: Order = {
      loadName: load.name,
      run: { ...duration, target: running.target, cores, connectionsMax: connectionsMax() },
    }
    const answer = await generate(order)
    const { exitCode, signalCode } = running.child
    if (exitCode !== null || signalCode !== null) {
      return { at: 'failed', reason: `the broker ended by itself with ${exitCode ?? signalCode}` }
    }
    await stopChild(running.child)
    return answer
  } catch (error) {
    // A broker that does not start is the result of this row; the others go on.
    return { at: 'failed', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    killChildren()
    removeTemporaryFolders()
  }
}

async function generate(order: Order): Promise<Answer> {
  const child = startChild([process.execPath, '--max-semi-space-size=32', generatorFile], cores?.generator, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const answer = await new Promise<Answer>(resolve => {
    const limitSeconds = order.run.seconds + overtimeSeconds
    const timer = setTimeout(
      () => resolve({ at: 'failed', reason: `no result within ${limitSeconds} s` }),
      limitSeconds * 1000,
    )
    const settle = (result: Answer): void => {
      clearTimeout(timer)
      resolve(result)
    }
    child.once('message', message => settle(message as Answer))
    child.once('exit', code => settle({ at: 'failed', reason: `the generator exited with ${code}` }))
    child.send(order)
  })
  await stopChild(child)
  return answer
}
