// How the store commands tell what they have counted and found.

import { printable } from '../../shared/printable.ts'
import type { Finding, StoreCounts } from '../store/embedded/check.ts'
import type { FileRebuilt } from '../store/embedded/rebuild-file.ts'

export function countsText(counts: StoreCounts): string {
  const lines = [
    ['sessions', `${counts.sessions} (${counts.subscriptions} subscriptions)`],
    ['messages', `${counts.messages} (${sizeText(counts.messageBytes)}; ${counts.waiting} in queues)`],
    ['retained', `${counts.retained} (${sizeText(counts.retainedBytes)})`],
    ['buried', `${counts.tombstones} sessions or parts of queues (${counts.buried} messages in them)`],
    ['caught up', `${counts.cursorsAtEnd} sessions have acknowledged all that is here`],
    ['set aside', `${counts.setAside} records that were found damaged`],
  ]
  return lines.map(([name, text]) => `  ${name!.padEnd(10)}${text}\n`).join('')
}

export function findingText({ severity, kind, key, problem }: Finding): string {
  return `${severity === 'damaged' ? 'DAMAGED ' : 'left over'} ${kind} ${printable(key)}: ${printable(problem)}\n`
}

export function salvagedText({ tables, kept }: FileRebuilt): string {
  const rows = tables.map(
    ({ table, rows, outcome }) =>
      `  ${table.padEnd(13)}${rows} rows${outcome === 'parts' ? ', others could not be read' : ''}\n`,
  )
  return `The file was built anew from what could be read:\n${rows.join('')}The damaged one is ${kept}\n`
}

/** Bytes as a person takes them in: `812 B`, `1.4 MiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}

/** `1 finding`, `2 findings`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
