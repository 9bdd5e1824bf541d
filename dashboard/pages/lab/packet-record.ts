// What went over the wire during one test: who, when, during which step; of very many the middle is left out.

import type { LabPacket, LabRole } from '../../../shared/lab.ts'
import { LAB_PACKETS_MAX } from '../../../shared/lab-tests.ts'
import type { WirePacket } from '../../paho/wire-packet.ts'

/** Kept at each end of a step that has too many. */
const ENDS = 10

export class PacketRecord {
  readonly #startedAt = performance.now()
  readonly #changed: () => void
  #packets: LabPacket[] = []
  #step = ''

  /** `changed` is called for each packet: whoever shows them does so when there is time. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  get ms(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10
  }

  begin(step: string): void {
    this.#step = step
  }

  add(who: LabRole, { to, name, words }: WirePacket): void {
    this.#add({ who, to, name, words })
  }

  lost(who: LabRole): void {
    this.#add({ who, to: 'client', name: 'closed', words: 'by the other side' })
  }

  /** At most `LAB_PACKETS_MAX`, and a line for each gap. */
  get packets(): readonly LabPacket[] {
    return this.#packets.length <= LAB_PACKETS_MAX
      ? [...this.#packets]
      : shortened(this.#packets).slice(0, LAB_PACKETS_MAX)
  }

  #add(packet: Omit<LabPacket, 'ms' | 'step'>): void {
    this.#packets.push({ ms: this.ms, step: this.#step, ...packet })
    this.#changed()
  }
}

function shortened(packets: readonly LabPacket[]): readonly LabPacket[] {
  const steps = Map.groupBy(packets, ({ step }) => step)
  return [...steps.values()].flatMap(group => {
    if (group.length <= 2 * ENDS + 1) return group
    const gap = group[ENDS]!
    const omitted = group.length - 2 * ENDS
    return [...group.slice(0, ENDS), { ...gap, name: 'more', words: '', omitted }, ...group.slice(-ENDS)]
  })
}
