// The warning of a store that is nearly full: said once, lowered later than it was raised.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoreWarning } from '../../../server/broker/store-warning.ts'
import type { BrokerEvent } from '../../../server/events.ts'
import type { Store } from '../../../server/store/store.ts'

const BYTES_MAX = 1_000
const DISK_BYTES = 10_000

/** What a look finds, in percent; the volatile store is empty unless said. */
interface Found {
  readonly store?: number
  readonly volatile?: number
  readonly disk?: number
}

function warningOf(): { look(found: Found): string | undefined; said: (string | undefined)[] } {
  let found: Found = {}
  const said: (string | undefined)[] = []
  const store = (percent: () => number, disk: () => object | undefined): Store =>
    ({
      totals: () => ({ messages: 1, bytes: (percent() * BYTES_MAX) / 100 }),
      get statistics() {
        return { disk: disk() }
      },
    }) as unknown as Store
  const disk = (): object => ({ bytes: DISK_BYTES, freeBytes: DISK_BYTES * (1 - (found.disk ?? 0) / 100) })
  const warning = new StoreWarning({
    clock: { now: () => 0 },
    emit: (event: BrokerEvent) => {
      assert.equal(event.kind, 'store-warning')
      said.push(event.warning)
    },
    durable: store(() => found.store ?? 0, disk),
    volatile: store(
      () => found.volatile ?? 0,
      () => undefined,
    ),
    bytesMax: BYTES_MAX,
  })
  const look = (next: Found): string | undefined => {
    found = next
    warning.look()
    return warning.text
  }
  return { look, said }
}

const disk = (percent: number): string => `the disk of the data directory is ${percent} % full`
const messages = (percent: number): string => `messages fill ${percent} % of store-bytes-max`

test('nothing is said below 90 %', () => {
  const { look, said } = warningOf()
  assert.equal(look({ store: 89.9, volatile: 89.9, disk: 89.9 }), undefined)
  assert.deepEqual(said, [])
})

test('what sways around 90 % is said once, and its end below 85 %', () => {
  const { look, said } = warningOf()
  assert.equal(look({ store: 90 }), messages(90))
  assert.equal(look({ store: 86.5 }), messages(86))
  assert.equal(look({ store: 97 }), messages(97))
  assert.deepEqual(said, [messages(90)])
  assert.equal(look({ store: 84 }), undefined)
  assert.equal(look({ store: 89 }), undefined)
  assert.deepEqual(said, [messages(90), undefined])
})

test('a full store of either kind is said, and a full disk beside it', () => {
  const { look, said } = warningOf()
  assert.equal(look({ volatile: 95 }), messages(95))
  assert.equal(look({ volatile: 95, disk: 91 }), `${disk(91)}; ${messages(95)}`)
  assert.equal(look({ disk: 91 }), disk(91))
  assert.equal(look({}), undefined)
  assert.deepEqual(said, [messages(95), `${disk(91)}; ${messages(95)}`, disk(91), undefined])
})
