// The addresses that the start page shows, from the page's own location and the broker's facts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reach, tcpUrl, webSocketUrl } from '../../../dashboard/pages/start/addresses.ts'
import { facts } from './facts.ts'

const local = { protocol: 'http:', host: '127.0.0.1:8080', hostname: '127.0.0.1' }
const proxied = { protocol: 'https:', host: 'mqtt.example', hostname: 'mqtt.example' }

test('the WebSocket is where the page came from, secure where the page is', () => {
  assert.equal(webSocketUrl(local, facts), 'ws://127.0.0.1:8080/mqtt')
  assert.equal(webSocketUrl(proxied, { ...facts, websocketPath: '/a/b' }), 'wss://mqtt.example/a/b')
})

test('where the console has a port of its own, the WebSocket is on the other one', () => {
  const apart = { protocol: 'http:', host: '[::1]:9090', hostname: '[::1]' }
  assert.equal(webSocketUrl(apart, { ...facts, websocketPort: 8080 }), 'ws://[::1]:8080/mqtt')
})

test('the TCP address is the bound one, or where the page came from if it is bound to all', () => {
  assert.equal(tcpUrl(local, facts), 'mqtt://127.0.0.1:1883')
  assert.equal(tcpUrl(proxied, { ...facts, host: '0.0.0.0' }), 'mqtt://mqtt.example:1883')
  assert.equal(tcpUrl(proxied, { ...facts, host: '::' }), 'mqtt://mqtt.example:1883')
  assert.equal(tcpUrl(local, { ...facts, host: '::1' }), 'mqtt://[::1]:1883')
  assert.equal(tcpUrl(local, { ...facts, mqttPort: null }), undefined)
})

test('who can reach the broker is said, and that no password is asked', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost'])
    assert.match(reach(host), /this machine only/)
  for (const host of ['0.0.0.0', '::', '192.168.1.2']) assert.match(reach(host), /without a password/)
})
