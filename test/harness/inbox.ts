// Holds what arrived from the broker until a test asks for it, and waits for it with a deadline.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Received } from './packets.ts'
import type { Ending } from './wire.ts'

export type Arrival = { at: 'packet'; packet: Received } | { at: 'ended'; ending: Ending } | { at: 'silence' }

export class Inbox {
  #packets: Received[] = []
  #ending: Ending | undefined
  #changed = Promise.withResolvers<void>()

  get ending(): Ending | undefined {
    return this.#ending
  }

  /** Packets that arrived and that no test has taken yet. */
  get waiting(): readonly Received[] {
    return this.#packets
  }

  add(packet: Received): void {
    this.#packets.push(packet)
    this.#wake()
  }

  /** Only the first ending counts: a socket reports its close after its error. */
  end(ending: Ending): void {
    this.#ending ??= ending
    this.#wake()
  }

  /** Takes the first packet that is wanted and leaves the others in order. */
  async take(withinMs: number, isWanted: (packet: Received) => boolean = () => true): Promise<Arrival> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = this.#takeNow(isWanted)
      if (found !== undefined) return found
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) break
      await this.#change(leftMs)
    }
    // On a busy machine the timer can fire before the socket was read: one turn of the loop reads it.
    await nextTurn()
    return this.#takeNow(isWanted) ?? { at: 'silence' }
  }

  #takeNow(isWanted: (packet: Received) => boolean): Arrival | undefined {
    const index = this.#packets.findIndex(isWanted)
    const packet = this.#packets[index]
    if (packet !== undefined) {
      this.#packets.splice(index, 1)
      return { at: 'packet', packet }
    }
    return this.#ending === undefined ? undefined : { at: 'ended', ending: this.#ending }
  }

  async #change(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, withinMs)
    await Promise.race([this.#changed.promise, promise])
    clearTimeout(timer)
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}
