// Collects latencies and tells their percentiles.

export type Percentiles = { p50: number; p99: number; p999: number }

export class LatencyRecorder {
  #samples = new Float64Array(1 << 14)
  #count = 0

  readonly record = (milliseconds: number): void => {
    if (this.#count === this.#samples.length) {
      const larger = new Float64Array(this.#samples.length * 2)
      larger.set(this.#samples)
      this.#samples = larger
    }
    this.#samples[this.#count++] = milliseconds
  }

  clear(): void {
    this.#count = 0
  }

  percentiles(): Percentiles | null {
    if (this.#count === 0) return null
    const sorted = this.#samples.slice(0, this.#count).sort()
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
  }
}
