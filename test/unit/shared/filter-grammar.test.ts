import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  FILTER_LENGTH_MAX,
  FILTER_TERMS_MAX,
  FILTER_VALUES_MAX,
  type Filter,
  type FilterProblem,
  formatFilter,
  parseFilter,
} from '../../../shared/filter-grammar.ts'
import { type FilterKey, factsOf, filterKeyNames } from '../../../shared/filter-keys.ts'
import { escapeGlob } from '../../../shared/filter-values.ts'
import { fuzz, type SeededRandom } from '../../fuzz/seeded-random.ts'

function parsed(text: string): Filter {
  const filter = parseFilter(text)
  if (filter.at === 'problem') assert.fail(`${text}: ${filter.detail}`)
  return filter
}

function refused(text: string): FilterProblem {
  const filter = parseFilter(text)
  if (filter.at === 'filter') assert.fail(`${text} is read as ${formatFilter(filter)}`)
  return filter
}

/** As written by people, and its one canonical form. */
const forms: readonly (readonly [string, string])[] = [
  ['', ''],
  ['  ', ''],
  ['kiosk', 'id:*kiosk*'],
  ['-kiosk', '-id:*kiosk*'],
  ['"-kiosk"', 'id:*-kiosk*'],
  ['"AND"', 'id:*AND*'],
  ['a/b:c', 'id:*a/b:c*'],
  ['"a:b c"', 'id:"*a:b c*"'],
  ['web-*', 'id:*web-*'],
  ['id:web-1', 'id:web-1'],
  ['id=web-1', 'id:web-1'],
  ['id:b,a,b', 'id:a,b'],
  ['id:a***b', 'id:a*b'],
  ['id:a\\***b', 'id:a\\**b'],
  ['id:a\\\\**', 'id:a\\\\*'],
  ['id:"say \\"hi\\", you"', 'id:"say \\"hi\\", you"'],
  ['id:a\\ b', 'id:"a b"'],
  ['origin:""', 'origin:""'],
  ['stuck:true state:offline', 'state:offline stuck:true'],
  ['state:offline state:offline', 'state:offline'],
  ['state:stuck,offline', 'state:offline,stuck'],
  ['proto:3.1.1,5', 'proto:4,5'],
  ['transport:ws', 'transport:websocket'],
  ['queued>=0100', 'queued>=100'],
  ['queued=3', 'queued:3'],
  ['queued:3,1', 'queued:1,3'],
  ['full>=90%', 'full>=90%'],
  ['full<99.50%', 'full<99.5%'],
  ['bytes>1mib', 'bytes>1MiB'],
  ['bytes>1024', 'bytes>1KiB'],
  ['expires<1h', 'expires<1h'],
  ['expires<90m', 'expires<90m'],
  ['expires:never', 'expires:never'],
  ['offline>1w', 'offline>7d'],
  ['seen<1500ms', 'seen<1500ms'],
  ['seen>0s', 'seen>0s'],
  ['ip:10.1.2.3/8', 'ip:10.0.0.0/8'],
  ['ip:10.1.2.3', 'ip:10.1.2.3'],
  ['ip:::ffff:10.1.2.3', 'ip:10.1.2.3'],
  ['ip:2001:DB8:0:0::/32', 'ip:2001:db8::/32'],
  ['origin:https://app.example', 'origin:https://app.example'],
  ['sub:orders/+/status', 'sub:orders/+/status'],
  ['topic:a\\*b\\\\', 'topic:a\\*b\\\\'],
]

for (const [text, canonical] of forms) {
  test(`reads ${JSON.stringify(text)} as ${JSON.stringify(canonical)}`, () => {
    assert.equal(formatFilter(parsed(text)), canonical)
    assert.equal(formatFilter(parsed(canonical)), canonical)
  })
}

/** What is refused: text, where, and what is suggested. */
const refusals: readonly (readonly [string, number, string, string | undefined])[] = [
  ['stat:offline', 0, 'stat', 'state'],
  ['a -statte:offline', 3, 'statte', 'state'],
  ['wobble:1', 0, 'wobble', undefined],
  ['state:offlne', 6, 'offlne', 'offline'],
  ['state:offline,stuk', 14, 'stuk', 'stuck'],
  ['stuck:yes', 6, 'yes', undefined],
  ['proto:6', 6, '6', '3'],
  ['queued>many', 7, 'many', undefined],
  ['queued>-1', 7, '-1', undefined],
  ['queued!=0', 0, 'queued!=0', '-queued:0'],
  ['queued:>=100', 0, 'queued:>=100', 'queued>=100'],
  ['queued>1,2', 0, 'queued>1,2', undefined],
  ['id>5', 0, 'id>5', 'id:5'],
  ['bytes>1MB', 6, '1MB', '1MiB'],
  ['bytes>1k', 6, '1k', '1KiB'],
  ['full>=90', 6, '90', '90%'],
  ['full>=101%', 6, '101%', undefined],
  ['seen<7days', 5, '7days', '7d'],
  ['seen<3months', 5, '3months', undefined],
  ['seen<60', 5, '60', '60s'],
  ['seen:7d', 0, 'seen:7d', 'seen<7d'],
  ['expires:1h', 0, 'expires:1h', 'expires<1h'],
  ['expires:never,1h', 0, 'expires:never,1h', 'expires<never'],
  ['expires<never', 0, 'expires<never', 'expires:never'],
  ['ip:10.*', 3, '10.*', '10.0.0.0/8'],
  ['ip:10.0.0.0/33', 3, '10.0.0.0/33', undefined],
  ['topic:a/+', 6, 'a/+', undefined],
  ['a OR b', 2, 'OR', '"OR"'],
  ['id:', 3, '', undefined],
  ['id: web', 3, ' ', undefined],
  ['id:a,', 3, 'a,', undefined],
  ['-', 1, '', undefined],
  ['id:"web', 3, '"web', undefined],
  ['id:web\\', 6, '\\', '\\\\'],
]

for (const [text, position, offending, suggestion] of refusals) {
  test(`refuses ${JSON.stringify(text)} at ${position}`, () => {
    const problem = refused(text)
    assert.deepEqual(
      {
        position: problem.position,
        offending: text.slice(problem.position, problem.position + problem.length),
      },
      { position, offending },
    )
    assert.equal(problem.suggestion, suggestion)
    assert.ok(problem.detail.length > 10)
  })
}

test('a filter is bounded in length, terms and alternatives', () => {
  const alternatives = Array.from({ length: FILTER_VALUES_MAX }, (_, index) => `a${index}`).join(',')
  assert.equal(parsed(`id:${alternatives}`).terms.length, 1)
  assert.match(refused(`id:${alternatives},one-more`).detail, /at most 64 values/)
  assert.equal(parsed('a '.repeat(FILTER_TERMS_MAX)).terms.length, FILTER_TERMS_MAX)
  assert.match(refused('a '.repeat(FILTER_TERMS_MAX + 1)).detail, /at most 32 terms/)
  assert.equal(parsed('a'.repeat(FILTER_LENGTH_MAX)).terms.length, 1)
  assert.match(refused('a'.repeat(FILTER_LENGTH_MAX + 1)).detail, /at most 2000 characters/)
})

const alphabet = [
  'a',
  'B',
  '-',
  ' ',
  ',',
  '"',
  '\\',
  '*',
  '?',
  ':',
  '<',
  '=',
  'é',
  '\n',
  '#',
  '/',
  '.',
  '7',
  '%',
]

function randomValue(random: SeededRandom, key: FilterKey): string {
  const { kind, words = [] } = factsOf(key)
  if (kind === 'word') return random.pick([...words, '""'])
  if (kind === 'count') return `${random.below(1000)}`
  if (kind === 'bytes') return `${random.below(1000)}${random.pick(['', 'B', 'KiB', 'mib', 'GiB'])}`
  if (kind === 'percent') return `${random.below(1001) / 10}%`
  if (kind === 'age' || kind === 'until')
    return `${random.below(1000)}${random.pick(['ms', 's', 'm', 'h', 'd', 'w'])}`
  if (kind === 'address') return random.pick(['10.0.0.1', '10.2.3.4/9', '::1', 'fe80::1:0:0/64', '""'])
  const text = random.list(6, () => random.pick(alphabet), 1).join('')
  if (kind === 'topic') return `"${escapeGlob(text).replaceAll('"', '\\"').replaceAll('#', '')}x"`
  return `"${random.once(2) ? escapeGlob(text).replaceAll('"', '\\"') : text.replace(/["\\]/g, '')}"`
}

function randomTerm(random: SeededRandom): string {
  const key = random.pick(filterKeyNames)
  const { kind } = factsOf(key)
  const isSpan = kind === 'age' || kind === 'until'
  const operators =
    kind === 'count' || kind === 'bytes' || kind === 'percent' || isSpan ? ['<', '<=', '>', '>='] : [':']
  const operator = random.pick(isSpan ? operators : [...operators, ':'])
  const values = random.list(operator === ':' ? 3 : 1, () => randomValue(random, key), 1)
  return `${random.once(3) ? '-' : ''}${key}${operator}${values.join(',')}`
}

fuzz('what is written in canonical form is read back as the same filter', random => {
  const text = random.list(4, () => randomTerm(random)).join(random.pick([' ', '  ', '\n']))
  const canonical = formatFilter(parsed(text))
  assert.equal(formatFilter(parsed(canonical)), canonical, text)
})

fuzz('any text is a filter or a problem that lies within the text', random => {
  const text = random.list(20, () => random.pick([...alphabet, 'id:', 'state:', 'seen<', 'bytes>'])).join('')
  const read = parseFilter(text)
  if (read.at === 'filter') assert.equal(formatFilter(parsed(formatFilter(read))), formatFilter(read))
  else assert.ok(read.position >= 0 && read.position <= text.length && read.length >= 0, text)
})
