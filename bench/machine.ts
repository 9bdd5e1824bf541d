// Describes the machine that a benchmark ran on.
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { cores } from './children.ts'

export type Machine = {
  date: string
  processor: string
  coreCount: number
  memoryGibibytes: number
  system: string
  node: string
  pinning: string
  loadAverage: number
}

export function describeMachine(): Machine {
  const processors = cpus()
  return {
    date: new Date().toISOString(),
    processor: processors[0]?.model.trim() ?? 'unknown processor',
    coreCount: processors.length,
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()}, Linux ${release()}`,
    node: process.version,
    pinning:
      cores === null ? 'not pinned' : `broker on core ${cores.broker}, generator on core ${cores.generator}`,
    loadAverage: loadavg()[0] ?? 0,
  }
}

function systemName(): string {
  const text = readFileSync('/etc/os-release', 'utf8')
  return /^PRETTY_NAME="(.*)"$/m.exec(text)?.[1] ?? 'unknown system'
}
