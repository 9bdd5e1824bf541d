// Bytes changed a little at random: values, bits, insertions, deletions, ends and repetitions.

import type { SeededRandom } from './seeded-random.ts'

const interesting = [0x00, 0x01, 0x02, 0x03, 0x0b, 0x23, 0x26, 0x7f, 0x80, 0xc0, 0xff]

export function mutated(body: Buffer, random: SeededRandom): Buffer {
  let bytes = body
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(bytes.length + 1)
    const from = bytes.subarray(at)
    const value = Buffer.from([random.once(2) ? random.pick(interesting) : random.below(256)])
    const ways = [
      () => [value, from.subarray(1)],
      () => [Buffer.from([(from[0] ?? 0) ^ (1 << random.below(8))]), from.subarray(1)],
      () => [value, from],
      () => [from.subarray(1 + random.below(4))],
      () => [],
      () => [from.subarray(0, random.below(12)), from],
    ]
    bytes = Buffer.concat([bytes.subarray(0, at), ...random.pick(ways)()])
  }
  return bytes
}
