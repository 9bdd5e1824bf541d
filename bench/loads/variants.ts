// Spells out the variants of a load by quality of service and transport.
import type { Qos } from '../generator/codec.ts'
import type { Load } from '../generator/load.ts'
import type { Transport } from '../generator/target.ts'

export type Variant = { qos: Qos; transport: Transport; suffix: string; words: string }

export const variants: readonly Variant[] = [
  { qos: 0, transport: 'tcp', suffix: 'qos0-tcp', words: 'QoS 0, TCP' },
  { qos: 1, transport: 'tcp', suffix: 'qos1-tcp', words: 'QoS 1, TCP' },
  { qos: 0, transport: 'websocket', suffix: 'qos0-ws', words: 'QoS 0, WebSocket' },
  { qos: 1, transport: 'websocket', suffix: 'qos1-ws', words: 'QoS 1, WebSocket' },
]

export function eachVariant(make: (variant: Variant) => Load): Load[] {
  return variants.map(make)
}

/** `prefix/0` to `prefix/count-1`. */
export function numberedTopics(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}/${index}`)
}
