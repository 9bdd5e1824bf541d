// MQTT over WebSocket on the Fastify server, and a WebSocket as a ByteStream (5.0 section 6).

import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { after } from '../clock.ts'
import type { Admission } from './admission.ts'
import type { Accept, ByteStream, ByteStreamHandler, Remote } from './byte-stream.ts'
import { isOriginAllowed } from './origin.ts'

/** `mqtt` is the standard's name [MQTT5-6.0.0-3]; Paho JS asks for `mqttv3.1` when it falls back to 3.1. */
const subProtocols = ['mqtt', 'mqttv3.1']

/** WebSocket close code for data of a type that the endpoint cannot accept. */
const UNSUPPORTED_DATA = 1003

/** Time for the peer to answer our close before the socket is dropped. */
const LINGER_MS = 1_000

const BINARY = { binary: true, compress: false, fin: true, mask: false }
const BINARY_COMPRESSED = { ...BINARY, compress: true }

class WebSocketStream implements ByteStream {
  readonly remote: Remote
  readonly #socket: WebSocket
  readonly #options: typeof BINARY
  #handler: ByteStreamHandler | undefined = undefined
  readonly #sent = (): void => {
    if (this.#socket.bufferedAmount === 0) this.#handler?.drained()
  }

  constructor(socket: WebSocket, remote: Remote, compress: boolean) {
    this.#socket = socket
    this.remote = remote
    this.#options = compress ? BINARY_COMPRESSED : BINARY
  }

  /** Who hears that what was sent has left. */
  tell(handler: ByteStreamHandler): void {
    this.#handler = handler
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** One frame a buffer: frames need not align with packets [MQTT5-6.0.0-2]. */
  write(buffers: readonly Buffer[]): void {
    for (const buffer of buffers) this.#socket.send(buffer, this.#options, this.#sent)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.close()
  }

  destroy(): void {
    this.#socket.terminate()
  }
}

export interface WebSocketSettings {
  readonly path: string
  readonly origins: readonly string[]
  readonly compression: boolean
  /** One message may hold several packets, and a client may cut its stream wherever it likes. */
  readonly messageBytesMax: number
  /** Hears of every handshake that was refused, and why. */
  readonly refused: (address: string, reason: string) => void
}

export async function serveWebSocket(
  fastify: FastifyInstance,
  settings: WebSocketSettings,
  admission: Admission,
  accept: Accept,
): Promise<void> {
  await fastify.register(fastifyWebsocket, {
    options: {
      maxPayload: settings.messageBytesMax,
      perMessageDeflate: settings.compression,
      handleProtocols: (offered: Set<string>) => subProtocols.find(name => offered.has(name)) ?? false,
    },
  })
  // Elsewhere the plugin would complete the handshake first and close the WebSocket then.
  fastify.addHook('onRequest', async (request, reply) => {
    if (!request.ws || request.routeOptions.url === settings.path) return
    await reply.code(404).send({ error: `the WebSocket path is ${settings.path}` })
  })
  fastify.get(
    settings.path,
    {
      websocket: true,
      preValidation: async (request, reply) => refuse(request, reply, settings),
    },
    (socket, request) => attach(socket, request, settings, admission, accept),
  )
}

interface Refusal {
  readonly status: number
  readonly error: string
}

/** Why a handshake must not succeed, in words for whoever reads the browser's network log. */
function refusalOf(request: FastifyRequest, origins: readonly string[]): Refusal | undefined {
  if (!request.ws) return { status: 426, error: 'this path speaks MQTT over WebSocket only' }
  const { origin } = request.headers
  if (!isOriginAllowed(origin, request.headers.host, origins)) {
    return { status: 403, error: `the origin ${origin} is not allowed: see the setting websocket-origins` }
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
  return subProtocols.some(name => offered.includes(name))
    ? undefined
    : { status: 400, error: 'offer the WebSocket sub-protocol mqtt (or mqttv3.1)' }
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  settings: WebSocketSettings,
): Promise<void> {
  const refusal = refusalOf(request, settings.origins)
  if (refusal === undefined) return
  const { status, error } = refusal
  // A browser tells its page nothing but that it failed.
  if (request.ws) settings.refused(request.ip, error)
  if (status === 426) reply.header('upgrade', 'websocket')
  await reply.code(status).send({ error })
}

function attach(
  socket: WebSocket,
  request: FastifyRequest,
  settings: WebSocketSettings,
  admission: Admission,
  accept: Accept,
): void {
  const address = request.ip
  let detail = ''
  socket.on('error', error => {
    detail = error.message
  })
  if (!admission.enter('websocket', address)) {
    socket.close(1013, 'too many connections')
    return
  }
  const { origin } = request.headers
  const remote: Remote = {
    transport: 'websocket',
    address,
    port: request.socket.remotePort ?? 0,
    origin,
    userAgent: request.headers['user-agent'],
    path: request.url,
  }
  const stream = new WebSocketStream(socket, remote, settings.compression)
  const handler = accept(stream)
  stream.tell(handler)
  let reading: 'bytes' | 'nothing' = 'bytes'
  socket.on('message', (data, isBinary) => {
    if (reading === 'nothing') return
    if (isBinary) {
      handler.received(data as Buffer)
      return
    }
    // Any other kind of frame ends the connection; what comes after it is not read [MQTT5-6.0.0-1].
    reading = 'nothing'
    socket.close(UNSUPPORTED_DATA, 'MQTT needs binary frames')
    after(LINGER_MS, () => socket.terminate())
  })
  socket.on('close', (code, reason) => {
    admission.leave('websocket', address)
    handler.closed(detail || `WebSocket close ${code} ${reason.toString()}`.trim(), code)
  })
}
