// The process that runs aedes with a TCP and a WebSocket listener; prints the lines that holdfast prints.
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { peerLimits } from './peer.ts'

const broker = await Aedes.createBroker({ queueLimit: peerLimits.messagesInFlight })
const tcpServer = createServer({ noDelay: process.argv[2] === 'latency' }, socket => broker.handle(socket))
const httpServer = createHttpServer()
const webSocketServer = new WebSocketServer({ server: httpServer, perMessageDeflate: false })
webSocketServer.on('connection', (socket, request) => {
  const stream = createWebSocketStream(socket)
  // The end of a connection is aedes' business; without a listener it would end this process.
  stream.on('error', () => stream.destroy())
  broker.handle(stream, request)
})

const tcpPort = await listen(tcpServer)
const httpPort = await listen(httpServer)
print({ msg: 'listening', listener: 'tcp', url: `mqtt://127.0.0.1:${tcpPort}` })
print({ msg: 'listening', listener: 'http', mqttUrl: `ws://127.0.0.1:${httpPort}/mqtt` })
print({ msg: 'ready' })
process.once('SIGTERM', () => process.exit(0))

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
      resolve((server.address() as AddressInfo).port),
    )
  })
}

function print(line: Record<string, string>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
