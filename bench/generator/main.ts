// The load generator's process: gets one run over IPC, performs it, answers with the measurement, ends.
import { loads } from '../loads/catalog.ts'
import type { Run } from './load.ts'
import type { Measurement } from './measurement.ts'

export type Order = { loadName: string; run: Run }
export type Answer = { at: 'measured'; measurement: Measurement } | { at: 'failed'; reason: string }

let processIdOfBroker: number | null = null

process.once('message', async (order: Order) => {
  processIdOfBroker = order.run.target.processId
  try {
    const load = loads.find(({ name }) => name === order.loadName)
    if (load === undefined) throw new Error(`there is no load called ${order.loadName}`)
    answer({ at: 'measured', measurement: await load.run(order.run) })
  } catch (error) {
    answer({ at: 'failed', reason: messageOf(error) })
  }
})

// A connection that breaks in the middle of a load throws out of a socket event and arrives here.
process.on('uncaughtException', error => answer({ at: 'failed', reason: messageOf(error) }))

// The bench itself was killed, so nobody else is left to end the broker.
process.once('disconnect', () => {
  if (processIdOfBroker !== null) process.kill(processIdOfBroker, 'SIGTERM')
  process.exit(1)
})
// Ctrl-C reaches the whole process group; the bench decides when this process ends.
process.on('SIGINT', () => {
  // Nothing to do here.
})

function answer(message: Answer): void {
  process.send?.(message, () => process.exit(0))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
