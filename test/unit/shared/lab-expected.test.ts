// What the Lab expects, computed from what a broker was set to: for the five classic tests, the table, and full queues.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { because } from '../../../shared/lab-because.ts'
import {
  expectedFindings,
  findingOf,
  judge,
  type LabCheckName,
  numbersInWords,
  paramsOf,
} from '../../../shared/lab-expected.ts'
import type { KeepingFacts } from '../../../shared/lab-facts.ts'
import { cellId, findLabTest, type LabTest, labQos, labTests, ownTest } from '../../../shared/lab-tests.ts'

const usual: KeepingFacts = {
  queueQos0: false,
  queueMessagesMax: 1_000,
  queueOverflow: 'drop-oldest',
  sessionExpirySeconds: 604_800,
  retainedMessagesMax: 100_000,
}

function known(id: string): LabTest {
  const found = findLabTest(id)
  assert.ok(found, `there is no test ${id}`)
  return found
}

function expected(id: string, check: LabCheckName, facts: KeepingFacts = usual): string | undefined {
  return findingOf(expectedFindings(known(id), facts), check)
}

test('each test has a name of its own, and the table has a cell for each combination', () => {
  assert.equal(new Set(labTests.map(({ id }) => id)).size, labTests.length)
  const cells = labTests.filter(({ group }) => group === 'table')
  assert.equal(cells.length, 36)
  for (const { id, params } of cells) assert.equal(cellId(params), id)
})

test('the five classic tests: what is on return, whether the session is, and whether the subscription is', () => {
  const rows = [1, 2, 3, 4, 5].map(number => {
    const id = `classic-${number}`
    return [expected(id, 'arrived'), expected(id, 'present'), expected(id, 'live')]
  })
  assert.deepEqual(rows, [
    ['nothing', 'no', 'does not arrive'],
    ['nothing', 'yes', 'arrives'],
    ['nothing', 'no', 'does not arrive'],
    ['1 2 3 4 5', 'yes', 'arrives'],
    ['nothing', 'yes', 'arrives'],
  ])
})

test('in the table all five come exactly where clean session is off and neither QoS is 0', () => {
  for (const publishQos of labQos) {
    for (const subscribeQos of labQos) {
      for (const clean of [true, false]) {
        for (const retain of [true, false]) {
          const id = cellId({ publishQos, subscribeQos, clean, retain })
          const isOwed = !clean && publishQos > 0 && subscribeQos > 0
          assert.equal(expected(id, 'arrived'), isOwed ? '1 2 3 4 5' : 'nothing', id)
          assert.equal(
            expected(id, 'arrived-qos'),
            isOwed ? `${Math.min(publishQos, subscribeQos)}` : undefined,
          )
          assert.equal(expected(id, 'late'), retain ? 'message 5, retain flag on' : undefined, id)
        }
      }
    }
  }
})

test('a broker that queues QoS 0 owes it, too', () => {
  const facts = { ...usual, queueQos0: true }
  assert.deepEqual(
    ['classic-1', 'classic-2', 'classic-5'].map(id => expected(id, 'arrived', facts)),
    ['nothing', '1 2 3 4 5', '1 2 3 4 5'],
  )
  assert.equal(expected('classic-5', 'arrived-qos', facts), '0')
  assert.match(because(known('classic-5'), facts), /queue-qos0/)
})

test('where sessions end with their connections nothing is ever kept', () => {
  const facts = { ...usual, sessionExpirySeconds: 0 }
  assert.deepEqual(
    [expected('classic-4', 'arrived', facts), expected('classic-4', 'present', facts)],
    ['nothing', 'no'],
  )
  assert.match(because(known('classic-4'), facts), /session-expiry-max is 0/)
})

test('a queue that is too short keeps what its overflow policy says', () => {
  const overflow = (queueOverflow: KeepingFacts['queueOverflow']) => {
    const facts = { ...usual, queueMessagesMax: 20, queueOverflow }
    assert.equal(paramsOf(known('overflow'), facts).messages, 25)
    return [expected('overflow', 'arrived', facts), expected('overflow', 'acknowledged', facts)]
  }
  assert.deepEqual(overflow('drop-oldest'), ['6 to 25', '25'])
  assert.deepEqual(overflow('drop-newest'), ['1 to 20', '25'])
  assert.deepEqual(overflow('reject'), ['1 to 20', '20'])
})

test('where a full queue refuses its publisher, that ends with the first message too many', () => {
  const facts = { ...usual, queueMessagesMax: 3, queueOverflow: 'reject', queueQos0: true } as const
  const of = (id: string) => [
    expected(id, 'acknowledged', facts),
    expected(id, 'arrived', facts),
    expected(id, 'late', facts),
  ]
  assert.deepEqual(of('cell-1-0-kept-retained'), ['3', '1 2 3', undefined])
  assert.deepEqual(of('cell-0-1-kept-plain'), [undefined, '1 2 3', undefined])
  assert.deepEqual(of('cell-2-2-kept-plain'), [undefined, '1 2 3', undefined])
  assert.deepEqual(of('cell-2-2-clean-retained'), ['5', 'nothing', 'message 5, retain flag on'])
  assert.equal(expected('expire', 'acknowledged', facts), '3')
})

test('the number of messages is a parameter', () => {
  const own = ownTest({ ...known('classic-4').params, messages: 12 })
  assert.equal(findingOf(expectedFindings(own, usual), 'arrived'), '1 to 12')
  assert.equal(findingOf(expectedFindings(own, { ...usual, queueMessagesMax: 3 }), 'arrived'), '10 11 12')
})

test('numbers are told as they came, also when some are missing, twice or out of order', () => {
  assert.equal(numbersInWords([]), 'nothing')
  assert.equal(numbersInWords([1, 2, 3]), '1 2 3')
  assert.equal(numbersInWords([2, 1, 3]), '2 1 3')
  assert.equal(numbersInWords([1, 2, 2, 3]), '1 2 2 3')
  assert.equal(numbersInWords([1, 2, 3, 4, 5, 6, 7, 8, 9, 11]), '1 to 9 11')
})

test('a test passes when all is as expected, and else the first difference is named', () => {
  const four = known('classic-4')
  const observed = [...expectedFindings(four, usual)]
  assert.deepEqual(
    [
      judge(four, { observed, problem: null }, usual).verdict,
      judge(four, { observed, problem: null }, usual).difference,
    ],
    ['passed', null],
  )
  const wrong = observed.map(one => (one.check === 'arrived' ? { ...one, value: '1 2 4 5' } : one))
  const judged = judge(four, { observed: wrong, problem: null }, usual)
  assert.deepEqual([judged.verdict, judged.difference], ['failed', 'arrived'])
  const missing = observed.filter(({ check }) => check !== 'present')
  assert.equal(judge(four, { observed: missing, problem: null }, usual).difference, 'present')
  assert.equal(judge(four, { observed: [], problem: 'The connection broke.' }, usual).verdict, 'broken')
})

test('each test is explained, in whole sentences', () => {
  for (const one of labTests) assert.match(because(one, usual), /^[A-Z].*\.$/, one.id)
})
