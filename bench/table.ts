// Prints measurements as tables for people: one table per load, one row per broker.

import type { Load } from './generator/load.ts'
import type { Answer } from './generator/main.ts'
import type { Measurement } from './generator/measurement.ts'
import type { Machine } from './machine.ts'
import type { BrokerName } from './options.ts'

export type Row = { broker: BrokerName; answer: Answer }

const columns = [
  'broker',
  'rate/s',
  'CPU us',
  'x mosquitto',
  'x aedes',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'RSS MB',
  'broker',
  'generator',
  'gen us',
] as const

export function describeMachineForPeople(machine: Machine, versions: ReadonlyMap<string, string>): string {
  const brokers = [...versions].map(([name, version]) => `${name} ${version}`).join(', ')
  return [
    `${machine.date}  ${machine.processor}, ${machine.coreCount} cores, ${machine.memoryGibibytes} GiB, ${machine.system}`,
    `Node ${machine.node}; ${brokers}; ${machine.pinning}; load average ${machine.loadAverage.toFixed(2)}`,
    "CPU us: CPU of the whole broker process per delivered message (or connection); x: that, divided by the peer's.",
  ].join('\n')
}

export function describeLoad(load: Load, rows: readonly Row[]): string {
  const cells = rows.map(row => rowCells(row, rows))
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...cells.map(row => row[index]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
  const notes = rows.flatMap(noteLines)
  return [`${load.name}: ${load.question}`, line(columns), ...cells.map(line), ...notes, ''].join('\n')
}

function rowCells(row: Row, rows: readonly Row[]): string[] {
  if (row.answer.at === 'failed') return [row.broker, 'failed']
  const { measurement } = row.answer
  const { latency } = measurement
  return [
    row.broker,
    Math.round(measurement.ratePerSecond).toLocaleString('en'),
    measurement.brokerMicrosEach.toFixed(2),
    ratio(measurement, rows, 'mosquitto'),
    ratio(measurement, rows, 'aedes'),
    milliseconds(latency?.p50),
    milliseconds(latency?.p99),
    milliseconds(latency?.p999),
    `${megabytes(measurement.residentBytesBefore)} > ${megabytes(measurement.residentBytesAfter)}`,
    percent(measurement.brokerBusy),
    percent(measurement.generatorBusy),
    measurement.generatorMicrosEach.toFixed(2),
  ]
}

function noteLines({ broker, answer }: Row): string[] {
  const notes = answer.at === 'failed' ? [`FAILED: ${answer.reason}`] : answer.measurement.notes
  return notes.map(note => `  ${broker}: ${note}`)
}

function ratio(measurement: Measurement, rows: readonly Row[], peer: BrokerName): string {
  const answer = rows.find(row => row.broker === peer)?.answer
  if (answer?.at !== 'measured') return '-'
  return (measurement.brokerMicrosEach / answer.measurement.brokerMicrosEach).toFixed(2)
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
