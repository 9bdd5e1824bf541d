// Shared groups: whose turn it is, who is passed over, and when a group comes and goes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterBehind, type SharedGroup, SharedGroups } from '../../../server/routing/shared-groups.ts'
import { TopicTrie } from '../../../server/routing/topic-trie.ts'
import type { Attachment } from '../../../server/session/attachment.ts'
import type { Session } from '../../../server/session/session.ts'
import { Subscription } from '../../../server/session/subscription.ts'
import { fuzz } from '../../fuzz/seeded-random.ts'

type Readiness = Attachment['paused'] | 'offline' | 'ended'

/** As much of a session as a group looks at. */
function sessionThatIs(readiness: Readiness, clientId: string): Session {
  const connected = readiness !== 'offline' && readiness !== 'ended'
  const attachment = connected ? { paused: readiness } : undefined
  return { clientId, ended: readiness === 'ended', attachment, lease: { queue: {} } } as unknown as Session
}

let sessions = 0

function subscriptionTo(sharedFilter: string, readiness: Readiness = 'caught-up'): Subscription {
  const session = sessionThatIs(readiness, `client-${sessions++}`)
  return new Subscription(session, {
    topicFilter: sharedFilter,
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
  })
}

function setUp(limits = { groupsMax: 100, membersMax: 100 }) {
  const trie = new TopicTrie<Subscription | SharedGroup>()
  const groups = new SharedGroups(trie, limits)
  const join = (readiness: Readiness, sharedFilter = '$share/g/a'): Subscription => {
    const subscription = subscriptionTo(sharedFilter, readiness)
    groups.join(subscription)
    return subscription
  }
  const choose = (without?: Session): Subscription | undefined => groups.group('$share/g/a')?.choose(without)
  return { trie, groups, join, choose }
}

test('finds the filter behind the group', () => {
  assert.equal(filterBehind('$share/g/a/b'), 'a/b')
  assert.equal(filterBehind('$share/g//'), '/')
  assert.equal(filterBehind('$share/$share/$share/g/a'), '$share/g/a')
})

test('takes the members in turn', () => {
  const { join, choose } = setUp()
  const members = [join('caught-up'), join('caught-up'), join('caught-up')]
  const chosen = Array.from({ length: 9 }, () => choose())
  assert.deepEqual(chosen, [...members, ...members, ...members])
})

const preferences: readonly [better: Readiness, worse: Readiness][] = [
  ['caught-up', 'window-full'],
  ['caught-up', 'socket-full'],
  ['caught-up', 'offline'],
  ['caught-up', 'ended'],
  ['window-full', 'offline'],
  ['socket-full', 'offline'],
  ['not-started', 'offline'],
  ['offline', 'ended'],
]

for (const [better, worse] of preferences) {
  test(`prefers a member that is ${better} to one that is ${worse}`, () => {
    const { join, choose } = setUp()
    join(worse)
    const wanted = join(better)
    join(worse)
    for (let count = 0; count < 5; count++) assert.equal(choose(), wanted)
  })
}

test('chooses nobody where nobody could ever take it', () => {
  const { join, choose } = setUp()
  assert.equal(choose(), undefined)
  join('ended')
  assert.equal(choose(), undefined)
})

test('passes over the session that is left out', () => {
  const { join, choose } = setUp()
  const leaving = join('caught-up')
  assert.equal(choose(leaving.session), undefined)
  const other = join('offline')
  for (let count = 0; count < 3; count++) assert.equal(choose(leaving.session), other)
})

test('makes a group with its first member and takes it away with its last', () => {
  const { trie, groups, join } = setUp()
  const first = join('caught-up', '$share/g/a/+')
  const second = join('caught-up', '$share/g/a/+')
  const elsewhere = join('caught-up', '$share/h/a/+')
  assert.equal(groups.count, 2)
  assert.deepEqual(trie.match('a/b'), [groups.group('$share/g/a/+'), groups.group('$share/h/a/+')])
  groups.leave(first)
  groups.leave(first)
  assert.equal(groups.count, 2)
  groups.leave(second)
  groups.leave(elsewhere)
  assert.equal(groups.count, 0)
  assert.deepEqual(trie.match('a/b'), [])
  groups.leave(second)
})

test('has room for so many groups, and for so many members in each', () => {
  const { groups, join } = setUp({ groupsMax: 2, membersMax: 2 })
  join('caught-up', '$share/g/a')
  join('caught-up', '$share/h/a')
  assert.equal(groups.hasRoomFor('$share/i/a'), false)
  assert.equal(groups.hasRoomFor('$share/g/a'), true)
  const last = join('caught-up', '$share/g/a')
  assert.equal(groups.hasRoomFor('$share/g/a'), false)
  groups.leave(last)
  assert.equal(groups.hasRoomFor('$share/g/a'), true)
})

fuzz('is fair however members come and go', random => {
  const { groups, join, choose } = setUp()
  const members = random.list(8, () => join('caught-up'), 1)
  for (let count = random.below(20); count > 0; count--) choose()
  while (members.length > 1 && random.once(2)) {
    const [gone] = members.splice(random.below(members.length), 1)
    if (gone !== undefined) groups.leave(gone)
  }
  const rounds = 1 + random.below(5)
  const counts = new Map<Subscription | undefined, number>()
  for (let count = 0; count < rounds * members.length; count++) {
    const chosen = choose()
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
  }
  assert.deepEqual(
    members.map(one => counts.get(one)),
    members.map(() => rounds),
  )
})
