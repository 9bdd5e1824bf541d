// Every example on the page about filters finds what the page says.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { filterKeyNames } from '../../../../shared/filter-keys.ts'
import { connectionFacts, DAY, filterOf, HOUR, MINUTE, NOON, TableScene } from './table-scene.ts'

const page = readFileSync(new URL('../../../../docs/FILTERS.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^\| `(.+?)` \| .+ \| ([^|]+) \|$/gm)].map(
  ([, text = '', found = '']) => ({
    text,
    found: found.split(', '),
  }),
)

function scene(): TableScene {
  const made = new TableScene()
  const web = { transport: 'websocket', origin: 'https://app.example', path: '/mqtt' } as const
  made.put('web-kiosk-1', {
    createdAt: NOON - 3 * DAY,
    since: NOON - 2 * DAY,
    expiresAt: NOON + 5 * DAY,
    connection: connectionFacts({ ...web, userAgent: 'Chrome 129' }),
    subscriptions: [{ topicFilter: 'orders/+/status' }],
    limits: { messagesMax: 1_000, bytesMax: 16 * 2 ** 20, overflow: 'drop-oldest' },
    queued: 912,
    messages: 912,
    bytes: 2 * 2 ** 20,
    dropped: 7,
  })
  made.put('web-kiosk-2', {
    createdAt: NOON - HOUR,
    since: NOON - 20 * MINUTE,
    expiresAt: NOON + 40 * MINUTE,
    connection: connectionFacts({ ...web, userAgent: 'Firefox 130' }),
    subscriptions: [{ topicFilter: 'menu' }],
    queued: 3,
    messages: 3,
    bytes: 300,
    hold: { until: NOON + MINUTE, by: 'ana', reason: undefined },
  })
  made.put('sensor-7', {
    createdAt: NOON - 60 * DAY,
    since: NOON - 31 * DAY,
    expirySeconds: 90 * 86_400,
    expirySource: 'operator',
    expiryPinned: true,
    expiresAt: NOON + 59 * DAY,
  })
  made.put('bridge', {
    owner: 'ana',
    createdAt: NOON - 90 * DAY,
    connected: true,
    since: NOON - 2 * HOUR,
    connection: connectionFacts({ protocolVersion: 5, cleanStart: true, address: '192.168.0.7' }),
    expirySeconds: Number.POSITIVE_INFINITY,
    expirySource: 'client',
    subscriptions: [{ topicFilter: '#' }],
    outLimit: 20,
    messages: 2,
    oldestInFlightAt: NOON - MINUTE,
  })
  return made
}

test('every key has an example', () => {
  for (const key of filterKeyNames) {
    assert.ok(
      examples.some(({ text }) => new RegExp(`(^|[ -])${key}[:<>]`).test(text)),
      key,
    )
  }
})

for (const { text, found } of examples) {
  test(`${text} finds ${found.join(', ')}`, async () => {
    const answer = await scene().table.clientIds(filterOf(text))
    assert.ok(answer.at === 'found')
    assert.deepEqual([...answer.clientIds].sort(), found)
  })
}
