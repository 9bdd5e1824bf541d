// Encodes and decodes packets for the raw test client through mqtt-packet, an implementation that is not ours.

import { generate, type Packet, type PacketCmd, parser } from 'mqtt-packet'
import type { ProtocolVersion } from '../../server/protocol/packet.ts'

export type { PacketCmd } from 'mqtt-packet'

type PacketOf<C extends PacketCmd> = Extract<Packet, { cmd: C }>

/** What `send` takes: mqtt-packet's fields, all optional; `messageId` is the packet identifier. */
export type Outgoing<C extends PacketCmd = PacketCmd> = C extends PacketCmd
  ? { cmd: C } & { [K in Exclude<keyof PacketOf<C>, 'cmd'>]?: PacketOf<C>[K] | undefined }
  : never

/** What mqtt-packet declares more loosely than its parser produces. */
interface Decoded {
  /** 0 where the packet carries no packet identifier. */
  messageId: number
  /** The bytes of the whole packet as they arrived. */
  raw: Buffer
}

/** A packet that arrived, typed by its command. */
export type Received<C extends PacketCmd = PacketCmd> = C extends 'publish'
  ? Omit<PacketOf<C>, 'payload' | 'messageId'> & Decoded & { payload: Buffer }
  : C extends 'suback' | 'unsuback'
    ? Omit<PacketOf<C>, 'granted' | 'messageId'> & Decoded & { granted: number[] }
    : C extends PacketCmd
      ? Omit<PacketOf<C>, 'messageId'> & Decoded
      : never

/** Hex digits, spaces allowed, to bytes; throws on anything else so that a typo cannot pass as a packet. */
export function bytesOfHex(hex: string): Buffer {
  const digits = hex.replaceAll(/\s/g, '')
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new Error(`not hexadecimal: ${hex}`)
  return Buffer.from(digits, 'hex')
}

const publishDefaults = { qos: 0, dup: false, retain: false, payload: '' }

/** Throws where mqtt-packet refuses to write the packet: send malformed packets as bytes instead. */
export function encode(packet: Outgoing, protocolVersion: ProtocolVersion): Buffer {
  const whole = packet.cmd === 'publish' ? { ...publishDefaults, ...packet } : packet
  return generate(whole as Packet, { protocolVersion })
}

/** Cuts one packet off the front of `bytes`; undefined while it is incomplete, throws on a bad length. */
export function firstFrame(bytes: Buffer): Buffer | undefined {
  let length = 0
  for (let index = 1; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    length += (byte & 0x7f) * 128 ** (index - 1)
    if ((byte & 0x80) === 0) {
      const end = index + 1 + length
      return bytes.length < end ? undefined : bytes.subarray(0, end)
    }
    if (index === 4) throw new Error('the remaining length has more than four bytes')
  }
  return undefined
}

/** Decodes exactly one frame; a parser of its own each time keeps mqtt-packet from reading into the next packet. */
export function decode(frame: Buffer, protocolVersion: ProtocolVersion): Received {
  const decoder = parser({ protocolVersion })
  const packets: Packet[] = []
  decoder.on('packet', packet => packets.push(packet))
  decoder.on('error', error => {
    throw error
  })
  const left = decoder.parse(frame)
  const packet = packets[0]
  if (packet === undefined || left !== 0) throw new Error('the frame is not one whole packet')
  Object.defineProperty(packet, 'raw', { value: Buffer.from(frame), enumerable: false })
  return Object.assign(packet, { messageId: packet.messageId ?? 0 }) as Received
}
