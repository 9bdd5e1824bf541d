// The client's half of a WebSocket, as bytes: the upgrade request, masked binary frames out, server frames in.
import { randomBytes } from 'node:crypto'

/** One key for all frames: brokers have to unmask whatever its value is, and preencoded frames can be sent again. */
export const maskKey = Buffer.from([0x5a, 0xc3, 0x17, 0xe9])

export function upgradeRequest(host: string, port: number, path: string): Buffer {
  return Buffer.from(
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: mqtt',
      '',
      '',
    ].join('\r\n'),
  )
}

/** Bytes that stand before the payload of a masked frame of this length. */
export function frameHeaderBytes(payloadLength: number): number {
  return payloadLength < 126 ? 6 : payloadLength < 65_536 ? 8 : 14
}

/** One masked binary frame around `payload`. */
export function encodeFrame(payload: Buffer): Buffer {
  const headerBytes = frameHeaderBytes(payload.length)
  const frame = Buffer.allocUnsafe(headerBytes + payload.length)
  frame[0] = 0x82
  if (headerBytes === 6) {
    frame[1] = 0x80 | payload.length
  } else if (headerBytes === 8) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(payload.length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  maskKey.copy(frame, headerBytes - 4)
  for (let index = 0; index < payload.length; index++) {
    frame[headerBytes + index] = (payload[index] as number) ^ (maskKey[index & 3] as number)
  }
  return frame
}

/** Takes server frames apart; `onPayload` gets the MQTT bytes of each binary frame, piece by piece as they arrive. */
export class FrameReader {
  readonly #onPayload: (bytes: Buffer, start: number, end: number) => void
  #partialHeader: Buffer | null = null
  #payloadLeft = 0
  #isBinary = false

  constructor(onPayload: (bytes: Buffer, start: number, end: number) => void) {
    this.#onPayload = onPayload
  }

  feed(bytes: Buffer, start: number, end: number): void {
    if (this.#partialHeader !== null) {
      const joined = Buffer.concat([this.#partialHeader, bytes.subarray(start, end)])
      this.#partialHeader = null
      this.feed(joined, 0, joined.length)
      return
    }
    let at = start
    while (at < end) {
      if (this.#payloadLeft === 0) {
        const headerEnd = this.#readHeader(bytes, at, end)
        if (headerEnd === at) {
          this.#partialHeader = Buffer.from(bytes.subarray(at, end))
          return
        }
        at = headerEnd
      }
      const pieceEnd = Math.min(end, at + this.#payloadLeft)
      if (this.#isBinary && pieceEnd > at) this.#onPayload(bytes, at, pieceEnd)
      this.#payloadLeft -= pieceEnd - at
      at = pieceEnd
    }
  }

  /** Returns where the payload begins, or `at` itself when the header is not complete. */
  #readHeader(bytes: Buffer, at: number, end: number): number {
    if (end - at < 2) return at
    const opcode = (bytes[at] as number) & 0x0f
    const shortLength = (bytes[at + 1] as number) & 0x7f
    const headerBytes = shortLength < 126 ? 2 : shortLength === 126 ? 4 : 10
    if (end - at < headerBytes) return at
    if (shortLength < 126) this.#payloadLeft = shortLength
    else if (shortLength === 126) this.#payloadLeft = bytes.readUInt16BE(at + 2)
    else this.#payloadLeft = Number(bytes.readBigUInt64BE(at + 2))
    // A continuation frame goes on with what it continues, so it leaves `#isBinary` as it was.
    if (opcode !== 0) this.#isBinary = opcode === 2
    return at + headerBytes
  }
}
