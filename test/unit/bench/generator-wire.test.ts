// Tests that the load generator's own codec says and counts what it should, so that a figure can be believed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import mqttPacket from 'mqtt-packet'
import { Block } from '../../../bench/generator/block.ts'
import { encodeAcknowledgements, encodeConnect, encodeSubscribe } from '../../../bench/generator/codec.ts'
import { PacketWalker } from '../../../bench/generator/packet-walker.ts'
import { publisherOf, sentAtOf } from '../../../bench/generator/payload.ts'
import { encodeFrame, FrameReader, maskKey } from '../../../bench/generator/websocket.ts'

const blockOptions = {
  topicName: 'bench/pair/17',
  qos: 1,
  publisher: 17,
  packetIdFirst: 33,
  messages: 4,
} as const

/** What a walker reports, in order. */
function collect(): { walker: PacketWalker; seen: string[]; times: number[] } {
  const seen: string[] = []
  const times: number[] = []
  const walker = new PacketWalker({
    publish: (bytes, payloadStart, qos, packetId) => {
      seen.push(`publish ${publisherOf(bytes, payloadStart)} qos ${qos} id ${packetId}`)
      times.push(sentAtOf(bytes, payloadStart))
    },
    acknowledgement: packetId => seen.push(`puback ${packetId}`),
    other: packetType => seen.push(`type ${packetType}`),
  })
  return { walker, seen, times }
}

const expected = [33, 34, 35, 36].map(packetId => `publish 17 qos 1 id ${packetId}`)

/** Turns a masked client frame into the unmasked one that a server would send. */
function unmask(frame: Buffer): Buffer {
  const headerBytes = ((frame[1] as number) & 0x7f) < 126 ? 2 : 4
  const header = Buffer.from(frame.subarray(0, headerBytes))
  header[1] = (header[1] as number) & 0x7f
  const payload = Buffer.from(frame.subarray(headerBytes + 4))
  for (let index = 0; index < payload.length; index++) {
    payload[index] = (payload[index] as number) ^ (maskKey[index & 3] as number)
  }
  return Buffer.concat([header, payload])
}

test('a block counts and times the same however its bytes are cut', () => {
  const bytes = new Block({ ...blockOptions, transport: 'tcp' }).stamped(1234.5)
  for (const size of [1, 7, 50, bytes.length]) {
    const { walker, seen, times } = collect()
    for (let at = 0; at < bytes.length; at += size) {
      walker.feed(bytes, at, Math.min(bytes.length, at + size))
    }
    assert.deepEqual(seen, expected)
    assert.deepEqual(times, [0, 0, 1234.5, 0])
  }
})

test('a block over WebSocket is one masked frame that carries the same bytes, stamped anew each time', () => {
  const block = new Block({ ...blockOptions, transport: 'websocket' })
  for (const now of [1234.5, 99.25]) {
    const frame = block.stamped(now)
    assert.equal(frame[0], 0x82)
    assert.equal((frame[1] as number) & 0x80, 0x80)
    const unmasked = unmask(frame)
    for (const size of [1, 5, unmasked.length]) {
      const { walker, seen, times } = collect()
      const frames = new FrameReader((bytes, start, end) => walker.feed(bytes, start, end))
      for (let at = 0; at < unmasked.length; at += size) {
        frames.feed(unmasked, at, Math.min(unmasked.length, at + size))
      }
      assert.deepEqual(seen, expected)
      assert.deepEqual(times, [0, 0, now, 0])
    }
  }
})

test('what the generator sends is what mqtt-packet reads', () => {
  const packets: string[] = []
  const parser = mqttPacket.parser({ protocolVersion: 4 })
  parser.on('packet', packet => packets.push(packet.cmd))
  parser.on('error', error => {
    throw error
  })
  parser.parse(encodeConnect({ clientId: 'bench-1', cleanSession: true }))
  parser.parse(encodeSubscribe(1, 'bench/+', 1))
  parser.parse(new Block({ ...blockOptions, transport: 'tcp' }).stamped(0))
  parser.parse(encodeAcknowledgements(new Uint16Array([7, 65_535]), 2))
  assert.deepEqual(packets, [
    'connect',
    'subscribe',
    'publish',
    'publish',
    'publish',
    'publish',
    'puback',
    'puback',
  ])
})

test('frames of the server that are not data are passed over', () => {
  const { walker, seen } = collect()
  const frames = new FrameReader((bytes, start, end) => walker.feed(bytes, start, end))
  const ping = Buffer.from([0x89, 2, 1, 2])
  const data = unmask(encodeFrame(Buffer.from([0x40, 2, 0, 9])))
  const bytes = Buffer.concat([ping, data, ping])
  frames.feed(bytes, 0, bytes.length)
  assert.deepEqual(seen, ['puback 9'])
})
