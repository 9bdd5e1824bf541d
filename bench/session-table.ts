// Holds the table of sessions to its targets: a million rows filtered and sorted by any column, time and memory.
import { ConnectionFacts } from '../server/events/connection-facts.ts'
import type { SessionFacts } from '../server/read-model/session-facts.ts'
import { SessionTable } from '../server/read-model/session-table.ts'
import { Columns } from '../server/read-model/table/columns.ts'
import { everySession, type Filter, parseFilter } from '../shared/filter-grammar.ts'
import { parseSort, sortKeys } from '../shared/session-sort.ts'
import { defaultStuckRule } from '../shared/stuck-rule.ts'
import { describeMachine } from './machine.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 9)
const changedEachRound = 10_000
const sliceMsTarget = 20
const rowBytesTarget = 150

const dayMs = 86_400_000
const now = Date.UTC(2026, 10, 26)
const limits = { messagesMax: 1_000, bytesMax: 16 * 2 ** 20, overflow: 'drop-oldest' } as const

/** What the session holds anyway, and the table shares. */
interface Shared {
  readonly clientId: string
  readonly generation: string
  readonly connection: ConnectionFacts
  readonly subscriptions: readonly { readonly topicFilter: string }[]
}

/** The same rows in every run: a generator with a fixed start (mulberry32). */
let state = 1
function below(limit: number): number {
  state = (state + 0x6d2b79f5) >>> 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
}

const families = ['web-kiosk', 'web-checkout', 'sensor', 'gateway', 'phone']

function sharedOf(index: number): Shared {
  const clientId = `${families[below(families.length)]}-${index.toString(36)}${below(46_656).toString(36)}`
  const isWeb = clientId.startsWith('web')
  const connection = new ConnectionFacts({
    protocolVersion: below(3) === 0 ? 5 : 4,
    cleanStart: false,
    keepAliveSeconds: 60,
    transport: isWeb ? 'websocket' : 'tcp',
    address: `10.${below(256)}.${below(256)}.${below(256)}`,
    port: 1024 + below(60_000),
    origin: isWeb ? `https://app-${below(20)}.example` : undefined,
    userAgent: isWeb ? `Chrome ${100 + below(40)}` : undefined,
    path: isWeb ? '/mqtt' : undefined,
  })
  const subscriptions = [{ topicFilter: `${clientId}/commands` }, { topicFilter: `all/${below(100)}/+` }]
  return { clientId, generation: `01JD${index.toString(36).padStart(22, '0')}`, connection, subscriptions }
}

function factsOf(shared: Shared): SessionFacts {
  const connected = below(10) < 4
  const queued = connected || below(3) > 0 ? 0 : below(1_001)
  const never = below(20) === 0
  return {
    ...shared,
    owner: '',
    version: 1,
    createdAt: now - below(90) * dayMs,
    connected,
    since: now - below(40) * dayMs - below(dayMs),
    expirySeconds: never ? Number.POSITIVE_INFINITY : 604_800,
    expirySource: 'policy',
    expiryPinned: false,
    expiresAt: connected || never ? Number.POSITIVE_INFINITY : now + below(7 * dayMs),
    limits,
    queued,
    messages: queued,
    bytes: queued * 200,
    outLimit: connected ? 20 : 0,
    oldestInFlightAt: Number.POSITIVE_INFINITY,
    receiving: 0,
    dropped: below(50) === 0 ? below(1_000) : 0,
    hold: undefined,
  }
}

/** Facts are made one by one as they are taken, as the broker does. */
let changed: readonly Shared[] = []
let taken = 0
function change(shared: readonly Shared[]): void {
  changed = shared
  taken = 0
}

const table = new SessionTable({
  clock: { now: () => now },
  source: {
    watch: () => undefined,
    learn: () => undefined,
    get pending() {
      return changed.length - taken
    },
    *take(max) {
      for (const stop = Math.min(changed.length, taken + max); taken < stop; taken++)
        yield factsOf(changed[taken]!)
    },
    find: () => undefined,
  },
  emit: () => undefined,
  run: 'bench',
  cursorKey: new Uint8Array(32),
  rule: defaultStuckRule,
})

function foldAll(): void {
  while (taken < changed.length) table.fold()
}

function heapBytes(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Of the columns, which lie outside the heap. */
function columnBytes(): number {
  const arrays = Object.values(new Columns()).filter(array => 'BYTES_PER_ELEMENT' in array)
  return arrays.reduce((sum, array) => sum + array.BYTES_PER_ELEMENT, 0)
}

/** Of the event loop's thread: what others on this machine take is not in it. */
function busyMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Work between turns of the event loop while something is asked: what everybody else waits for. */
async function slicesWhile(ask: () => Promise<unknown>): Promise<readonly number[]> {
  const slices: number[] = []
  let isAsking = true
  let last = busyMs()
  const tick = (): void => {
    const at = busyMs()
    slices.push(at - last)
    last = at
    if (isAsking) setImmediate(tick)
  }
  setImmediate(tick)
  await ask()
  isAsking = false
  slices.push(busyMs() - last)
  return slices
}

interface Measured {
  readonly name: string
  readonly totals: readonly number[]
  readonly works: readonly number[]
  readonly slices: readonly number[]
}

async function measure(name: string, ask: () => Promise<{ readonly at: string }>): Promise<Measured> {
  const totals: number[] = []
  const works: number[] = []
  const slices: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now()
    const found = await slicesWhile(async () => {
      const answer = await ask()
      if (answer.at !== 'found') throw new Error(`${name}: ${answer.at}`)
    })
    // The first round is for the compiler.
    if (round === 0) continue
    totals.push(performance.now() - startedAt)
    works.push(found.reduce((sum, slice) => sum + slice, 0))
    // What is shorter than a hundredth is a turn in which nobody did anything.
    slices.push(...found.filter(slice => slice > 0.01))
  }
  return { name, totals, works, slices }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function print({ name, totals, works, slices }: Measured): void {
  const medians = [percentile(totals, 0.5), percentile(works, 0.5)]
  const figures = [...medians, percentile(slices, 0.5), percentile(slices, 0.99), Math.max(...slices)]
  say(`${name.padEnd(62)} ${figures.map(figure => figure.toFixed(1).padStart(8)).join(' ')}`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function filterOf(text: string): Filter {
  const filter = parseFilter(text)
  if (filter.at === 'problem') throw new Error(filter.detail)
  return filter
}

async function page(filter: Filter, sort: string) {
  const parsed = parseSort(sort)
  if ('at' in parsed) throw new Error(parsed.detail)
  return table.page({ filter, sort: parsed, limit: 100 })
}

async function secondPage(): Promise<string> {
  const first = await table.page({
    filter: everySession,
    sort: { key: 'id', descending: false },
    limit: 1_000,
  })
  const next = first.at === 'found' ? first.next : undefined
  if (next === undefined) throw new Error('there is no second page')
  return next
}

const filters = [
  'state:offline queued>=100',
  'full>=90%',
  'expires<1h',
  'stuck:true',
  'proto:5 -clean:true origin:https://app-1*.example',
  'id:web-kiosk-*',
  'kiosk-a',
  'id:*a?b*c*',
  'prefix:web-kiosk ip:10.1.0.0/16',
  'sub:all/7/+',
  'topic:all/7/x',
]

const { date, processor, coreCount, system, node, loadAverage } = describeMachine()
say(`${date}, ${processor}, ${coreCount} cores, ${system}, Node ${node}, load ${loadAverage.toFixed(1)}`)
const shared = Array.from({ length: rows }, (_, index) => sharedOf(index))
const bytesBefore = heapBytes()
const startedAt = busyMs()
change(shared)
foldAll()
const loadedMs = busyMs() - startedAt
const rowBytes = (heapBytes() - bytesBefore) / rows + columnBytes()
say(
  `${rows} rows: ${loadedMs.toFixed(0)} ms to load, ${rowBytes.toFixed(0)} bytes each (target ${rowBytesTarget})`,
)

say(`${'ms'.padEnd(62)}    total     work slice50 slice99 sliceMax`)
const all: Measured[] = []
async function run(name: string, ask: () => Promise<{ readonly at: string }>): Promise<void> {
  const measured = await measure(name, ask)
  all.push(measured)
  print(measured)
}
for (const key of sortKeys) {
  for (const sort of [key, `-${key}`]) await run(`page of all by ${sort}`, () => page(everySession, sort))
}
for (const text of filters) await run(`page of ${text} by -queued`, () => page(filterOf(text), '-queued'))
for (const text of filters) await run(`count of ${text}`, () => table.count(filterOf(text)))
for (const by of ['state', 'origin', 'prefix', 'ip'] as const) {
  await run(`facets of all by ${by}`, () => table.facets(everySession, by, 100))
}
const cursor = await secondPage()
await run('page of all by id, from a cursor', () =>
  table.page({
    filter: everySession,
    sort: { key: 'id', descending: false },
    limit: 1_000,
    cursor,
  }),
)
const someOfThem = shared.filter((_, index) => index % (rows / changedEachRound) === 0)
await run(`page of all by -queued while ${changedEachRound} sessions change`, async () => {
  const answer = page(everySession, '-queued')
  await new Promise(resolve => setImmediate(resolve))
  change(someOfThem)
  table.fold()
  return answer
})
change(shared.slice(0, 100_000))
const foldAt = busyMs()
foldAll()
say(`fold of 100,000 changed sessions: ${((busyMs() - foldAt) / 100).toFixed(2)} us each`)
const worst = Math.max(...all.flatMap(({ slices }) => slices))
const totals = all.flatMap(one => one.works)
say(
  `all questions: work p50 ${percentile(totals, 0.5).toFixed(1)} ms, longest slice ${worst.toFixed(1)} ms (target ${sliceMsTarget})`,
)
if (rowBytes > rowBytesTarget || worst > sliceMsTarget) process.exitCode = 1
