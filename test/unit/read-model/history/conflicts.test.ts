import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionFacts } from '../../../../server/events/connection-facts.ts'
import { Conflicts } from '../../../../server/read-model/history/conflicts.ts'
import { FIGHTS_MAX, STRIP_MAX } from '../../../../server/read-model/history/limits.ts'
import { browserInWords } from '../../../../shared/browser-words.ts'

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0'
const DAY = 86_400_000

function from(change: Partial<ConstructorParameters<typeof ConnectionFacts>[0]> = {}): ConnectionFacts {
  return new ConnectionFacts({
    transport: 'websocket',
    address: '10.0.0.1',
    port: 1000,
    origin: 'https://app.example',
    userAgent: CHROME,
    path: '/mqtt',
    protocolVersion: 4,
    cleanStart: false,
    keepAliveSeconds: 60,
    ...change,
  })
}

function arena(): { conflicts: Conflicts; changes: string[]; fight: typeof fight } {
  const changes: string[] = []
  const conflicts = new Conflicts({
    changed: (clientId, isActive) => changes.push(`${clientId} ${isActive}`),
  })
  const fight = (
    clientId: string,
    at: number,
    parties: readonly ConnectionFacts[],
    count = 1,
    everyMs = 1000,
  ): void => {
    for (let turn = 0; turn < count; turn++) {
      const [former, next] = [parties[turn % parties.length]!, parties[(turn + 1) % parties.length]!]
      const now = at + turn * everyMs
      conflicts.learn({ at: now, clientId, from: former, since: now - everyMs, by: next })
    }
  }
  return { conflicts, changes, fight }
}

test('the third takeover in a minute makes a conflict, and a minute of peace ends it', () => {
  const { conflicts, changes, fight } = arena()
  fight('a', 0, [from()], 2)
  assert.deepEqual(changes, [])
  assert.deepEqual(conflicts.list(DAY, 2000), [])
  fight('a', 59_999, [from()])
  assert.deepEqual(changes, ['a true'])
  assert.equal(conflicts.active, 1)
  conflicts.settle(60_000)
  assert.deepEqual(changes, ['a true', 'a false'], 'the first of the three is a minute old')
  const [over] = conflicts.list(DAY, 60_000)
  assert.equal(over?.isActive, false)
  assert.equal(over?.takeovers, 3)
  assert.match(over!.sentence, /it is over after 3 takeovers\.$/)
})

test('takeovers that are far apart are no conflict', () => {
  const { conflicts, changes, fight } = arena()
  fight('a', 0, [from(), from({ address: '10.0.0.2' })], 20, 30_000)
  assert.deepEqual(changes, [])
  assert.equal(conflicts.find('a', 600_000), undefined)
})

test('both sides stand there with what is known of them, the strip says who won', () => {
  const { conflicts, fight } = arena()
  const chrome = from()
  const firefox = from({ userAgent: FIREFOX, address: '10.0.0.2', port: 7 })
  fight('a', 5000, [chrome, firefox], 5)
  conflicts.redelivered('a', 3)
  const conflict = conflicts.find('a', 10_000)!
  assert.deepEqual(
    conflict.contenders.map(one => [one.address, one.port, one.userAgent, one.wins]),
    [
      ['10.0.0.2', 7, FIREFOX, 3],
      ['10.0.0.1', 1000, CHROME, 2],
    ],
  )
  assert.deepEqual(
    conflict.strip.map(one => one.winner),
    [0, 1, 0, 1, 0],
  )
  assert.equal(conflict.since, new Date(5000).toISOString())
  assert.equal(conflict.perMinute, 5)
  assert.equal(conflict.redelivered, 3)
  assert.equal(
    conflict.sentence,
    'Firefox on app.example at 10.0.0.2 and Chrome on app.example at 10.0.0.1 use the same client id; each is pushed out about 1 s after it connects: 5 takeovers in the last minute.',
  )
})

test('who wins in turn keeps its place, who wins clearly more often comes first', () => {
  const { conflicts, fight } = arena()
  const sides = [from(), from({ address: '10.0.0.2' })]
  const order = (): readonly string[] => conflicts.find('a', 60_000)!.contenders.map(one => one.address)
  fight('a', 0, sides, 5)
  assert.deepEqual(order(), ['10.0.0.2', '10.0.0.1'])
  fight('a', 10_000, sides.toReversed(), 3)
  assert.deepEqual(order(), ['10.0.0.2', '10.0.0.1'], 'both have won four times')
  for (let time = 0; time < 4; time++) fight('a', 20_000 + time * 1_000, sides.toReversed(), 1)
  assert.deepEqual(order(), ['10.0.0.1', '10.0.0.2'])
})

const sentences: readonly (readonly [string, readonly ConnectionFacts[], RegExp])[] = [
  ['two tabs of one browser', [from(), from({ port: 2 })], /^Two Chrome tabs on app\.example use/],
  [
    'two programs on one machine',
    [from({ origin: undefined, userAgent: undefined, path: undefined, transport: 'tcp' })],
    /^Two connections from 10\.0\.0\.1 use/,
  ],
  [
    'a page and a program',
    [from(), from({ origin: undefined, userAgent: undefined, address: '10.0.0.9' })],
    /^(A client at 10\.0\.0\.9 and Chrome on app\.example at 10\.0\.0\.1|Chrome on .* and a client at 10\.0\.0\.9) use/,
  ],
  [
    'a crowd',
    [from(), from({ address: '10.0.0.2' }), from({ address: '10.0.0.3' })],
    /^3 clients on app\.example use/,
  ],
]

for (const [what, parties, sentence] of sentences) {
  test(`${what}: ${sentence.source}`, () => {
    const { conflicts, fight } = arena()
    fight('a', 0, parties, 6)
    assert.match(conflicts.find('a', 6000)!.sentence, sentence)
  })
}

test('browsers get code, others a word about their configuration', () => {
  const { conflicts, fight } = arena()
  fight('page', 0, [from()], 3)
  fight('device', 0, [from({ origin: undefined })], 3)
  const page = conflicts.find('page', 3000)!.advice
  assert.equal(page.length, 2)
  assert.match(page[0]!.code!, /sessionStorage/)
  assert.match(page[1]!.code!, /navigator\.locks\.request/)
  for (const { code } of page) assert.doesNotThrow(() => new Function(code!), 'it can be parsed')
  assert.match(page[0]!.code!, /Paho\.Client\(url, 'page-' \+ suffix\)/)
  assert.match(page[1]!.code!, /Paho\.Client\(url, 'page'\)/)
  assert.deepEqual(
    conflicts.find('device', 3000)!.advice.map(one => one.code),
    [null],
  )
})

test('a fight at full speed says its rate though the strip is short', () => {
  const { conflicts, fight } = arena()
  fight('a', 0, [from(), from({ address: '10.0.0.2' })], 3000, 20)
  const conflict = conflicts.find('a', 60_000)!
  assert.equal(conflict.strip.length, STRIP_MAX)
  assert.equal(conflict.perMinute, 3000)
  assert.equal(conflict.takeovers, 3000)
})

test('a conflict is shown for a day after its last takeover', () => {
  const { conflicts, fight } = arena()
  fight('a', 0, [from()], 3, 0)
  conflicts.settle(DAY - 1)
  assert.equal(conflicts.list(DAY, DAY - 1).length, 1)
  assert.equal(conflicts.list(60_000, DAY - 1).length, 0)
  conflicts.settle(DAY)
  assert.equal(conflicts.find('a', DAY), undefined)
})

test('a flood of takeovers of ever other client ids does not push out a conflict', () => {
  const { conflicts, fight } = arena()
  fight('fought-over', 0, [from()], 3)
  for (let index = 0; index < FIGHTS_MAX + 1000; index++) fight(`once-${index}`, 4000, [from()])
  assert.ok(conflicts.find('fought-over', 5000))
  assert.equal(conflicts.list(DAY, 5000).length, 1)
})

test('clients of ever other addresses leave the latest contenders', () => {
  const { conflicts, fight } = arena()
  for (let index = 0; index < 100; index++)
    fight('a', index * 100, [from(), from({ address: `10.0.1.${index}` })])
  const conflict = conflicts.find('a', 10_000)!
  assert.equal(conflict.contenders.length, 8)
  assert.ok(conflict.contenders.some(one => one.address === '10.0.1.99'))
  assert.ok(conflict.strip.some(one => one.winner === -1))
})

test('browsers are known by their marks', () => {
  assert.equal(browserInWords(CHROME), 'Chrome')
  assert.equal(browserInWords(FIREFOX), 'Firefox')
  assert.equal(browserInWords(`${CHROME} Edg/129.0`), 'Edge')
  assert.equal(browserInWords('Mozilla/5.0 (Macintosh) Version/17.6 Safari/605.1.15'), 'Safari')
  assert.equal(browserInWords('curl/8'), 'browser')
  assert.equal(browserInWords(null), 'browser')
})
