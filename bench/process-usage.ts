// Reads what a process and the cores have used so far, from /proc.
import { readFileSync } from 'node:fs'

export type ProcessUsage = { cpuMicros: number; residentBytes: number }

/** Microseconds per clock tick of /proc; USER_HZ is 100 on every Linux that Node runs on. */
const tickMicros = 10_000
const pageBytes = 4096

/** CPU time of all threads together, the ended ones too, and the resident memory now. */
export function readProcessUsage(processId: number): ProcessUsage {
  const stat = readFileSync(`/proc/${processId}/stat`, 'latin1')
  // The command name may hold spaces and brackets, so fields are counted from behind its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const userTicks = Number(fields[11])
  const systemTicks = Number(fields[12])
  const residentPages = Number(fields[21])
  return { cpuMicros: (userTicks + systemTicks) * tickMicros, residentBytes: residentPages * pageBytes }
}

/** Microseconds that a core has been busy with anything at all since the machine started. */
export function readCoreBusyMicros(core: number): number {
  const line = readFileSync('/proc/stat', 'latin1')
    .split('\n')
    .find(text => text.startsWith(`cpu${core} `))
  if (line === undefined) return 0
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + interrupt + softInterrupt + steal) * tickMicros
}
