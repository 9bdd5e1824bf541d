// Small words of the pages about retained messages, events and users: filters that are typed, kinds, browsers, passwords.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindGroups, kindsOf } from '../../../dashboard/pages/events/kind-groups.ts'
import { isBrokers, topicFilterOf } from '../../../dashboard/pages/retained/retained-filter.ts'
import { loginInWords } from '../../../dashboard/pages/settings/browser-words.ts'
import { madeUpPassword } from '../../../dashboard/pages/settings/made-up-password.ts'
import { PASSWORD_CHARACTERS_MIN } from '../../../shared/account-limits.ts'
import { timelineKinds } from '../../../shared/history.ts'
import { lossReasons } from '../../../shared/loss-words.ts'

test('a topic that is typed finds what is at it and below; a filter is taken as it is', () => {
  assert.equal(topicFilterOf(''), '#')
  assert.equal(topicFilterOf(' plant/7 '), 'plant/7/#')
  assert.equal(topicFilterOf('plant/'), 'plant/#')
  assert.equal(topicFilterOf('plant/+/status'), 'plant/+/status')
  assert.deepEqual(['$SYS/broker', '$SYS', '$SYSTEM/a'].map(isBrokers), [true, true, false])
})

test('each kind of event is in one group', () => {
  const all = kindGroups.flatMap(({ kinds }) => kinds.map(([kind]) => kind))
  assert.deepEqual(all.toSorted(), [...timelineKinds].toSorted())
  assert.deepEqual(kindsOf('disconnect,nonsense,connect'), ['connect', 'disconnect'])
})

test('no reason for a loss has the words of another', () => {
  assert.equal(new Set(lossReasons.map(([, words]) => words)).size, lossReasons.length)
})

test('a browser is called by the name that people know it by', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36'
  assert.equal(loginInWords(chrome), 'Chrome 129 on Linux')
  assert.equal(loginInWords(`${chrome} Edg/129.0.0.0`), 'Edge 129 on Linux')
  assert.equal(
    loginInWords(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    ),
    'Safari 18 on iOS',
  )
  assert.equal(loginInWords('curl/8.5.0'), 'curl 8')
  assert.equal(loginInWords('something of our own'), 'something of our own')
})

test('a password that is made up is long enough, and never the same', () => {
  const some = Array.from({ length: 20 }, madeUpPassword)
  assert.ok(some.every(one => one.length >= PASSWORD_CHARACTERS_MIN))
  assert.equal(new Set(some).size, some.length)
})
