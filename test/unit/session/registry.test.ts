// Sessions by client id, and taking turns: in order, one at a time, whatever becomes of the one before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Registry } from '../../../server/session/registry.ts'
import { stage } from './stage.ts'

test('a session is found until it is removed, and its successor is not removed in its place', async () => {
  const registry = new Registry()
  const { session: first } = await stage()
  const { session: second } = await stage()
  registry.add(first)
  assert.equal(registry.get('client'), first)
  registry.add(second)
  assert.equal(registry.count, 1)
  registry.remove(first)
  assert.equal(registry.get('client'), second)
  assert.deepEqual([...registry.all()], [second])
  registry.remove(second)
  assert.deepEqual([registry.get('client'), registry.count], [undefined, 0])
})

test('turns for one client id are taken one after the other, in the order in which they were asked for', async () => {
  const registry = new Registry()
  const seen: string[] = []
  const turn = async (name: string): Promise<string> => {
    seen.push(`${name} begins`)
    await nextTurn()
    seen.push(`${name} ends`)
    return name
  }
  const results = await Promise.all(['1', '2', '3'].map(name => registry.inTurn('a', () => turn(name))))
  assert.deepEqual(results, ['1', '2', '3'])
  const expected = ['1', '2', '3'].flatMap(name => [`${name} begins`, `${name} ends`])
  assert.deepEqual(seen, expected)
})

test('the first turn begins at once', () => {
  const registry = new Registry()
  let begun = false
  void registry.inTurn('a', async () => {
    begun = true
  })
  assert.ok(begun)
})

test('different client ids do not wait for each other', async () => {
  const registry = new Registry()
  let letGo: () => void = () => undefined
  const slow = registry.inTurn('a', () => new Promise<void>(resolve => (letGo = resolve)))
  await registry.inTurn('b', async () => undefined)
  letGo()
  await slow
})

test('a turn that fails tells its caller, and the next one is taken all the same', async () => {
  const registry = new Registry()
  const failing = registry.inTurn('a', async () => {
    await nextTurn()
    throw new Error('the store is gone')
  })
  const next = registry.inTurn('a', async () => 'taken')
  await assert.rejects(failing, /the store is gone/)
  assert.equal(await next, 'taken')
})

test('who comes while another waits comes after it, also when the first has just ended', async () => {
  const registry = new Registry()
  const order: number[] = []
  const first = registry.inTurn('a', async () => {
    order.push(1)
  })
  const second = registry.inTurn('a', async () => {
    await nextTurn()
    order.push(2)
  })
  await first
  const third = registry.inTurn('a', async () => {
    order.push(3)
  })
  await Promise.all([second, third])
  assert.deepEqual(order, [1, 2, 3])
})
