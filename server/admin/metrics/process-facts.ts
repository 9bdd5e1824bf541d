// What the process costs, under the names that Prometheus' own clients use.

import { opendir, readFile, stat } from 'node:fs/promises'
import type { Clock, Millis } from '../../clock.ts'
import type { Family } from './family.ts'

/** Entries read at a time: a broker with 100,000 connections must not stand still to count them. */
const ENTRIES_AT_A_TIME = 512

export class ProcessFacts {
  readonly #startedAt: Millis
  #virtualBytes: number | undefined = undefined
  #openFiles: number | undefined = undefined
  #openFilesMax: number | undefined = undefined

  constructor(clock: Clock) {
    this.#startedAt = clock.now() - process.uptime() * 1000
  }

  /** Reads what only the system knows, before `families` are read. Elsewhere than on Linux there is nothing to read. */
  async look(): Promise<void> {
    if (process.platform !== 'linux') return
    const kilobytes = /^VmSize:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1]
    this.#virtualBytes = kilobytes === undefined ? undefined : Number(kilobytes) * 1024
    const limit = /^Max open files\s+(\d+)/m.exec(await readFile('/proc/self/limits', 'utf8'))?.[1]
    this.#openFilesMax = limit === undefined ? undefined : Number(limit)
    this.#openFiles = await openFiles()
  }

  families(): readonly Family[] {
    return [...this.#systemFamilies(), ...memoryFamilies(), ...timeFamilies(this.#startedAt)]
  }

  #systemFamilies(): readonly Family[] {
    return [
      {
        type: 'gauge',
        name: 'process_virtual_memory_bytes',
        help: 'Virtual memory of the process.',
        read: () => this.#virtualBytes,
      },
      {
        type: 'gauge',
        name: 'process_open_fds',
        help: 'Open file descriptors, one for each connection among them.',
        read: () => this.#openFiles,
      },
      {
        type: 'gauge',
        name: 'process_max_fds',
        help: 'The most file descriptors that the system lets the process have.',
        read: () => this.#openFilesMax,
      },
    ]
  }
}

/** Since Linux 6.2 the directory's size says it; before, its entries have to be counted. */
async function openFiles(): Promise<number> {
  const { size } = await stat('/proc/self/fd')
  if (size > 0) return size
  let entries = 0
  for await (const _entry of await opendir('/proc/self/fd', { bufferSize: ENTRIES_AT_A_TIME })) entries++
  return entries
}

function memoryFamilies(): readonly Family[] {
  return [
    {
      type: 'gauge',
      name: 'process_resident_memory_bytes',
      help: 'Memory of the process that is in RAM.',
      read: () => process.memoryUsage.rss(),
    },
    {
      type: 'gauge',
      name: 'nodejs_heap_size_total_bytes',
      help: 'Heap that V8 has taken from the system.',
      read: () => process.memoryUsage().heapTotal,
    },
    {
      type: 'gauge',
      name: 'nodejs_heap_size_used_bytes',
      help: 'Heap that is in use.',
      read: () => process.memoryUsage().heapUsed,
    },
    {
      type: 'gauge',
      name: 'nodejs_external_memory_bytes',
      help: 'Memory beyond the heap that objects hold: payloads, blocks of connections.',
      read: () => process.memoryUsage().external,
    },
  ]
}

function timeFamilies(startedAt: Millis): readonly Family[] {
  const seconds = (of: (usage: NodeJS.CpuUsage) => number) => () => of(process.cpuUsage()) / 1e6
  return [
    {
      type: 'gauge',
      name: 'process_start_time_seconds',
      help: 'When the process started, in seconds since 1970.',
      read: () => startedAt / 1000,
    },
    {
      type: 'counter',
      name: 'process_cpu_user_seconds_total',
      help: 'CPU time in the process itself, all threads.',
      read: seconds(({ user }) => user),
    },
    {
      type: 'counter',
      name: 'process_cpu_system_seconds_total',
      help: 'CPU time in the system on behalf of the process, all threads.',
      read: seconds(({ system }) => system),
    },
    {
      type: 'counter',
      name: 'process_cpu_seconds_total',
      help: 'CPU time of both kinds.',
      read: seconds(({ user, system }) => user + system),
    },
  ]
}
