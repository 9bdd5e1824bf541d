// The frame reader: the same packets however the stream is cut, in linear time, within its limit, through every pause.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../../../server/protocol/fault.ts'
import { type FrameHandler, FrameReader } from '../../../server/protocol/frame-reader.ts'
import { fuzz, SeededRandom } from '../../fuzz/seeded-random.ts'
import { withLength } from '../../harness/malformed.ts'

const LIMIT = 1 << 20

/** Notes each packet as hex digits of its first byte and its body; checks that the frame around them is whole. */
class Recorder implements FrameHandler {
  readonly packets: string[] = []
  readonly faults: Fault[] = []
  /** What the handler answers next; without any, 'go'. */
  answers: ('go' | 'pause')[] = []
  onFrame: () => void = () => undefined

  frame(firstByte: number, bytes: Buffer, frameStart: number, start: number, end: number): 'go' | 'pause' {
    assert.equal(bytes[frameStart], firstByte)
    const body = bytes.subarray(start, end)
    assert.deepEqual(bytes.subarray(frameStart, end), withLength(Buffer.from([firstByte]), body))
    this.packets.push(`${firstByte.toString(16)}:${body.toString('hex')}`)
    this.onFrame()
    return this.answers.shift() ?? 'go'
  }

  frameFault(fault: Fault): void {
    this.faults.push(fault)
  }
}

function packet(firstByte: number, body: Buffer): Buffer {
  return withLength(Buffer.from([firstByte]), body)
}

function read(chunks: readonly Buffer[], limit = LIMIT): Recorder {
  const recorder = new Recorder()
  const reader = new FrameReader(recorder, limit)
  for (const chunk of chunks) reader.push(chunk)
  return recorder
}

function randomPackets(random: SeededRandom): Buffer[] {
  const sizes = [0, 1, 2, 40, 126, 127, 128, 129, 300]
  const large = [4_095, 4_096, 16_383, 16_384, 20_000]
  return random.list(8, () => {
    const size = random.once(12) ? random.pick(large) : random.pick(sizes)
    return packet(random.below(256), Buffer.alloc(size, random.below(256)))
  })
}

function expectedOf(packets: readonly Buffer[]): string[] {
  return packets.map(bytes => {
    let start = 1
    while ((bytes[start] ?? 0) >= 0x80) start++
    return `${(bytes[0] ?? 0).toString(16)}:${bytes.subarray(start + 1).toString('hex')}`
  })
}

/** Cuts at random places; the chunks are copies, as sockets deliver them. */
function cut(stream: Buffer, random: SeededRandom): Buffer[] {
  const chunks: Buffer[] = []
  const most = random.pick([1, 2, 7, 100, 5_000])
  for (let at = 0; at < stream.length; ) {
    const size = 1 + random.below(most)
    chunks.push(Buffer.from(stream.subarray(at, at + size)))
    at += size
  }
  return chunks
}

test('finds the packets of a stream that is cut in two or three at every offset', () => {
  const random = new SeededRandom(1)
  const packets = [
    packet(0xc0, Buffer.alloc(0)),
    packet(0x30, random.bytes(9)),
    packet(0x32, Buffer.alloc(130, 1)),
    packet(0xe0, Buffer.alloc(0)),
    packet(0x82, Buffer.alloc(127, 2)),
  ]
  const stream = Buffer.concat(packets)
  const expected = expectedOf(packets)
  for (let one = 0; one <= stream.length; one++) {
    assert.deepEqual(read([stream.subarray(0, one), stream.subarray(one)]).packets, expected)
    for (const two of [one + 1, one + 2, one + 3, one + 130]) {
      const chunks = [stream.subarray(0, one), stream.subarray(one, two), stream.subarray(two)]
      assert.deepEqual(read(chunks).packets, expected, `${one}, ${two}`)
    }
  }
  assert.deepEqual(read(Array.from(stream, byte => Buffer.from([byte]))).packets, expected)
})

fuzz('finds the same packets however a random stream is cut', random => {
  if (!random.once(4)) return
  const packets = randomPackets(random)
  const chunks = cut(Buffer.concat(packets), random)
  const recorder = read(chunks)
  assert.deepEqual(recorder.packets, expectedOf(packets))
  assert.deepEqual(recorder.faults, [])
})

fuzz('finds the same packets when it is paused and resumed at random', random => {
  if (!random.once(4)) return
  const packets = randomPackets(random)
  const recorder = new Recorder()
  recorder.answers = packets.map(() => (random.once(2) ? 'pause' : 'go'))
  const reader = new FrameReader(recorder, LIMIT)
  for (const chunk of cut(Buffer.concat(packets), random)) {
    reader.push(chunk)
    if (random.once(3)) reader.resume()
  }
  for (let count = 0; count <= packets.length; count++) reader.resume()
  assert.deepEqual(recorder.packets, expectedOf(packets))
})

test('delivers nothing while it is paused, one packet for each resume, and nothing after its end', () => {
  const recorder = new Recorder()
  recorder.answers = ['pause', 'pause', 'pause']
  const reader = new FrameReader(recorder, LIMIT)
  reader.push(Buffer.from('c000d000e000', 'hex'))
  reader.push(Buffer.from('f000', 'hex'))
  assert.deepEqual(recorder.packets, ['c0:'])
  reader.resume()
  assert.deepEqual(recorder.packets, ['c0:', 'd0:'])
  reader.push(Buffer.from('1000', 'hex'))
  assert.equal(recorder.packets.length, 2)
  reader.end()
  reader.resume()
  reader.push(Buffer.from('2000', 'hex'))
  assert.deepEqual(recorder.packets, ['c0:', 'd0:'])
})

test('stops amid a chunk when the handler ends it', () => {
  const recorder = new Recorder()
  const reader = new FrameReader(recorder, LIMIT)
  recorder.onFrame = () => reader.end()
  reader.push(Buffer.from('c000d000', 'hex'))
  assert.deepEqual(recorder.packets, ['c0:'])
})

test('leaves the bytes of a packet alone after it was delivered', () => {
  const views: Buffer[] = []
  const recorder = new Recorder()
  const kept = { frame: recorder.frame.bind(recorder), frameFault: () => undefined }
  const reader = new FrameReader(
    {
      ...kept,
      frame: (firstByte, bytes, frameStart, start, end) => {
        views.push(bytes.subarray(start, end))
        return kept.frame(firstByte, bytes, frameStart, start, end)
      },
    },
    LIMIT,
  )
  for (let count = 0; count < 50; count++) {
    const whole = packet(0x30, Buffer.alloc(300, count))
    reader.push(Buffer.from(whole.subarray(0, 100 + count)))
    reader.push(Buffer.from(whole.subarray(100 + count)))
  }
  for (const [index, view] of views.entries()) assert.deepEqual(view, Buffer.alloc(300, index))
})

const badLengths: readonly [hex: string, name: string][] = [
  ['c08000', 'malformed-packet'],
  ['c0808000', 'malformed-packet'],
  ['c080808000', 'malformed-packet'],
  ['c08080808001', 'malformed-packet'],
  ['c0ffffffff', 'malformed-packet'],
  ['30ffffff7f', 'packet-too-large'],
  ['30feff3f', 'packet-too-large'],
]
for (const [hex, name] of badLengths) {
  test(`refuses ${hex} with ${name}, whole and byte by byte, once [MQTT5-1.5.5-1]`, () => {
    const bytes = Buffer.from(hex, 'hex')
    for (const chunks of [[bytes], Array.from(bytes, byte => Buffer.from([byte]))]) {
      const recorder = read([Buffer.from('d000', 'hex'), ...chunks, Buffer.from('c000c000', 'hex')])
      assert.deepEqual(
        recorder.faults.map(fault => fault.fault),
        [name],
      )
      assert.deepEqual(recorder.packets, ['d0:'])
    }
  })
}

test('lets through the largest packet and refuses one byte more, at once from its length', () => {
  const largest = packet(0x30, Buffer.alloc(LIMIT - 4))
  assert.equal(largest.length, LIMIT)
  assert.equal(read([largest]).packets.length, 1)
  const larger = packet(0x30, Buffer.alloc(LIMIT - 3))
  assert.deepEqual(read([larger.subarray(0, 4)]).faults.length, 1)
  const small = new Recorder()
  const reader = new FrameReader(small, 10)
  reader.push(packet(0x30, Buffer.alloc(8)))
  reader.packetBytesMax = 20
  reader.push(packet(0x30, Buffer.alloc(18)))
  assert.deepEqual([small.packets.length, small.faults.length], [2, 0])
})

/** Milliseconds for one packet of so many bytes, one byte a chunk. */
function byteByByteMs(size: number): number {
  const whole = packet(0x30, Buffer.alloc(size, 0x61))
  const chunks = Array.from(whole, byte => Buffer.from([byte]))
  const started = performance.now()
  const recorder = read(chunks, 1 << 21)
  const took = performance.now() - started
  assert.equal(recorder.packets.length, 1)
  return took
}

test('takes linear time for a packet of 1 MiB that comes byte by byte', () => {
  byteByByteMs(1 << 16)
  const eighth = Math.min(byteByByteMs(1 << 17), byteByByteMs(1 << 17), byteByByteMs(1 << 17))
  const whole = byteByByteMs(1 << 20)
  // Quadratic would be 64 times; the slack is for a busy machine.
  assert.ok(whole < 30 * eighth + 100, `1 MiB takes ${whole} ms, an eighth of it ${eighth} ms`)
})

test('reserves no more than has arrived doubled, whatever length was announced', () => {
  const before = process.memoryUsage().arrayBuffers
  const readers = Array.from({ length: 1_000 }, () => new FrameReader(new Recorder(), 1 << 28))
  for (const reader of readers) reader.push(Buffer.from('30ffffff7f0000', 'hex'))
  const grown = process.memoryUsage().arrayBuffers - before
  assert.ok(grown < 16 * 2 ** 20, `1,000 announcements of 256 MiB reserve ${grown} bytes`)
})
