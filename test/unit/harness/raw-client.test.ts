// Proves that the raw client's expectations can fail, against a server that sends what the test says.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { RawClient } from '../../harness/raw-client.ts'

const connack = '20 02 00 00'

/** A client of a TCP server that does what `serve` does with each connection. */
async function clientOf(serve: (socket: Socket) => void, autoAck = false): Promise<RawClient> {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    serve(socket)
  })
  after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return RawClient.open({ host: '127.0.0.1', port, websocketUrl: '' }, { protocolVersion: 4, autoAck })
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')
const sends = (digits: string) => (socket: Socket) => void socket.resume().write(hex(digits))

test('expect fails on another command, on other fields, on silence and on a close, and says what it saw', async () => {
  const client = await clientOf(sends(`${connack} d0 00`))
  await assert.rejects(
    client.expect('connack', { returnCode: 5 }),
    /expected CONNACK \{ returnCode: 5 \} .* but got CONNACK .*returnCode: 0/,
  )
  await assert.rejects(client.expect('puback'), /expected PUBACK .* but got PINGRESP/)
  await assert.rejects(
    client.expect('puback', {}, 20),
    /within 20 ms, but nothing arrived\n.*open\n.*\n.*CONNACK/,
  )
  const closed = await clientOf(socket => void socket.resume().end())
  await assert.rejects(closed.expect('connack'), /the connection ended/)
  await assert.rejects(closed.receive(), /the connection ended/)
})

test('expectClosed fails on an open connection, on a packet before the close and on undecodable bytes', async () => {
  const open = await clientOf(socket => void socket.resume())
  await assert.rejects(open.expectClosed({ withinMs: 20 }), /but nothing arrived/)
  const packet = await clientOf(socket => void socket.resume().end(hex('d0 00')))
  await assert.rejects(packet.expectClosed(), /but got PINGRESP/)
  const garbled = await clientOf(sends('20 02 ff 00'))
  await assert.rejects(garbled.expectClosed(), /undecodable bytes/)
})

test('expectClosed accepts an end, a reset and the one packet it was told of', async () => {
  const ended = await clientOf(socket => void socket.resume().end())
  assert.equal((await ended.expectClosed()).how, 'end')
  const reset = await clientOf(socket => void socket.on('data', () => socket.resetAndDestroy()))
  reset.send('c0 00')
  assert.equal((await reset.expectClosed()).how, 'reset')
  const last = await clientOf(socket => void socket.resume().end(hex('d0 00')))
  await last.expectClosed({ after: 'pingresp' })
})

test('expectSilence and ping fail on a packet nobody expected', async () => {
  const quiet = await clientOf(socket => void socket.resume())
  await quiet.expectSilence(20)
  const loud = await clientOf(sends('30 03 00 01 61 d0 00'))
  await assert.rejects(loud.expectSilence(500), /expected silence for 500 ms, but got PUBLISH \{ topic: 'a'/)
  const early = await clientOf(sends('30 03 00 01 61 d0 00'))
  await assert.rejects(early.ping(), /expected PINGRESP .* but got PUBLISH/)
})

test('a packet that comes in single bytes is one packet', async () => {
  const client = await clientOf(socket => {
    socket.resume()
    for (const byte of hex('30 05 00 01 61 68 69')) socket.write(Buffer.of(byte))
  })
  await client.expect('publish', { topic: 'a', payload: 'hi' })
  assert.equal(client.rawReceived.toString('hex'), '30050001616869')
})

test('the publish handshake takes its own answers and leaves other packets in order', async () => {
  const client = await clientOf(socket => {
    const answers = ['30 03 00 01 61 50 02 00 01', '70 02 00 01']
    socket.on('data', () => void socket.write(hex(answers.shift() ?? '')))
  })
  const pubcomp = await client.publish({ topic: 'x', qos: 2 })
  assert.equal(pubcomp?.cmd, 'pubcomp')
  await client.expect('publish', { topic: 'a' })
})

test('autoAck answers QoS 1 and 2 and hides PUBREL', async () => {
  const answered = Promise.withResolvers<string>()
  let bytes = Buffer.alloc(0)
  const client = await clientOf(socket => {
    socket.write(hex('32 05 00 01 61 00 01 34 05 00 01 61 00 02 62 02 00 02'))
    socket.on('data', chunk => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length >= 12) answered.resolve(bytes.toString('hex'))
    })
  }, true)
  assert.equal((await client.collect(2)).length, 2)
  assert.equal(await answered.promise, '400200015002000270020002')
  await client.expectSilence(20)
})

test('cutting a connection whose end is under way does not throw', async () => {
  const client = await clientOf(socket => void socket.resume())
  client.close()
  client.destroy()
  client.destroy()
  await client.expectClosed()
})
