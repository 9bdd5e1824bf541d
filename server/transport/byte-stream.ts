// What the broker asks of any transport: bytes in, bytes out, and a word when either side ends.

export interface Remote {
  readonly transport: 'tcp' | 'websocket'
  readonly address: string
  readonly port: number
  /** What a browser says of itself and of the page it runs in; undefined where there is no HTTP. */
  readonly origin?: string | undefined
  readonly userAgent?: string | undefined
  readonly path?: string | undefined
}

export interface ByteStreamHandler {
  /** The chunk is the handler's to keep and is never written to again. */
  received(chunk: Buffer): void
  /** What was written has reached the kernel after `unsentBytes` was above zero. */
  drained(): void
  /** Nothing more comes, and nothing more can be sent. Called once; `detail` is for people, the code a WebSocket's. */
  closed(detail: string, closeCode?: number): void
}

export interface ByteStream {
  readonly remote: Remote
  /** Written, but not taken by the kernel yet; while it is zero, the buffers written may be used again. */
  readonly unsentBytes: number
  write(buffers: readonly Buffer[]): void
  pause(): void
  resume(): void
  /** Closes once what was written has left. */
  end(): void
  /** Closes now. */
  destroy(): void
}

/** Takes a new stream; its handler hears everything from then on. */
export type Accept = (stream: ByteStream) => ByteStreamHandler
