// Starts the processes of a run, pinned to a core where that is possible, and ends all of them when the bench ends.
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Cores } from './generator/measurement.ts'

/** Open files that the processes ask for: 10,000 connections and some room. */
const openFilesWanted = 65_536
/** Milliseconds from the polite request to end until the impolite one. */
const killAfterMs = 15_000

const running = new Set<ChildProcess>()

/** One core for the broker and one for the generator, or null when this machine cannot pin. */
export const cores: Cores | null =
  availableParallelism() >= 2 && hasCommand('taskset') ? { broker: 0, generator: 1 } : null

export function startChild(
  command: readonly string[],
  core: number | undefined,
  options: SpawnOptions = {},
): ChildProcess {
  const raiseLimit = `ulimit -n ${openFilesWanted} 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"`
  const pinned = core === undefined ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn('sh', ['-c', raiseLimit, 'sh', ...pinned], options)
  running.add(child)
  child.once('exit', () => running.delete(child))
  child.once('error', () => running.delete(child))
  return child
}

/** Asks the process to end and resolves when it has. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  await exited
  clearTimeout(timer)
}

/** For the way out: nothing that was started here outlives the bench. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Connections that a process may hold, from the limit of open files it gets. */
export function connectionsMax(): number {
  const limit = execFileSync('sh', ['-c', `ulimit -n ${openFilesWanted} 2>/dev/null; ulimit -Hn`], {
    encoding: 'utf8',
  }).trim()
  const openFiles = limit === 'unlimited' ? openFilesWanted : Number(limit)
  return Math.max(100, openFiles - 500)
}

export function hasCommand(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch (error) {
    // A non-zero exit is the answer "no"; anything else is a fault of this machine.
    if (error instanceof Error && 'status' in error) return false
    throw error
  }
}
