// The program for developers: it connects as the client did, and is one whatever stands in client id and filters.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import ts from 'typescript'
import {
  type SnippetGiven,
  sessionSnippet,
  storageSnippet,
} from '../../../dashboard/pages/session/session-snippet.ts'

const detail: SnippetGiven['detail'] = {
  clientId: 'web-kiosk-11',
  clean: false,
  protocol: 4,
  keepAliveSeconds: 45,
  owner: '',
  will: null,
}

function snippet(
  changed: Partial<SnippetGiven['detail']> = {},
  subscriptions: SnippetGiven['subscriptions'] = [],
) {
  return sessionSnippet({ url: 'wss://mqtt.example/mqtt', detail: { ...detail, ...changed }, subscriptions })
}

/** What its syntax is wrong in. */
function faults(program: string): readonly string[] {
  const { diagnostics = [] } = ts.transpileModule(program, { reportDiagnostics: true })
  return diagnostics.map(({ messageText }) => String(messageText))
}

test('options are those that were seen', () => {
  const program = snippet({}, [{ topicFilter: 'orders/+/status', qos: 1 }])
  assert.match(program, /new Paho\.Client\('wss:\/\/mqtt\.example\/mqtt', 'web-kiosk-11'\)/)
  assert.match(program, /cleanSession: false,.*\n {2}mqttVersion: 4,.*\n.*\n {2}keepAliveInterval: 45,/)
  assert.match(program, /client\.subscribe\('orders\/\+\/status', \{ qos: 1 \}\)/)
  assert.match(snippet({ clean: true }), /cleanSession: true,/)
  assert.match(snippet({ protocol: 3 }), /mqttVersion: 3,/)
  assert.match(snippet({ protocol: 5 }), /mqttVersion: 4, \/\/ Paho does not speak MQTT 5/)
  assert.match(snippet({ owner: 'ana' }), /userName: 'ana',/)
})

test('a will is named with its topic, and nobody sees what it holds', () => {
  const will = {
    topic: 'kiosks/11/gone',
    qos: 1,
    retain: true,
    payloadBytes: 4,
    delaySeconds: 0,
    messageExpirySeconds: null,
    dueAt: null,
  }
  const program = snippet({ will })
  assert.match(program, /willMessage: will,/)
  assert.match(program, /destinationName = 'kiosks\/11\/gone'\nwill\.qos = 1\nwill\.retained = true/)
})

test('of many subscriptions it has the first, and none that Paho cannot ask for', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({ topicFilter: `t/${index}`, qos: 1 }))
  const program = snippet({}, [{ topicFilter: '$share/g/t', qos: 1 }, ...many])
  assert.doesNotMatch(program, /\$share/)
  assert.match(program, /t\/7'.*\n.*\/\/ and 4 more/)
})

for (const clientId of ["it's", 'a\\b', 'new\nline', '"quoted"', '`tick`', '*/ // #', '🚚 van']) {
  test(`it is a program for the client id ${JSON.stringify(clientId)}`, () => {
    const program = snippet({ clientId }, [{ topicFilter: `${clientId}/#`, qos: 2 }])
    assert.deepEqual(faults(program), [])
    assert.deepEqual(faults(storageSnippet(clientId)), [])
    const [, literal = ''] = /Client\('wss:\/\/mqtt\.example\/mqtt', (.*)\)\n/.exec(program) ?? []
    assert.equal(new Function(`return ${literal}`)(), clientId)
  })
}
