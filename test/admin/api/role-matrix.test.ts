// Every route of the API, asked by everybody: who is let through is what the route says, whoever added it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { includesRole, type Role } from '../../../shared/account.ts'
import { AdminClient, type KeyGiven, setUp, withKey } from '../../harness/admin-client.ts'
import { InProcessBroker } from '../../harness/in-process-broker.ts'
import { type NamedOperation, type Operation, operationsOf, readApiDocument } from '../../harness/openapi.ts'
import { temporaryDirectory } from '../../harness/store-files.ts'

const grants = ['payload:read', 'publish:test'] as const

const visitors: Readonly<Record<string, KeyGiven | undefined>> = {
  anonymous: undefined,
  viewer: { role: 'viewer' },
  operator: { role: 'operator' },
  admin: { role: 'admin' },
  'viewer with grants': { role: 'viewer', grants },
  'operator with grants': { role: 'operator', grants },
  'admin with grants': { role: 'admin', grants },
  'admin for some client ids': { role: 'admin', grants, clientIdPrefix: 'mine-' },
}

/** Nothing is called so, so that whoever is let through does no harm. */
const PLACES = ['mine-nobody', 'other-nobody'] as const
type Place = (typeof PLACES)[number]

type Answer = 'let through' | number

function expected(
  operation: Operation,
  method: string,
  visitor: KeyGiven | undefined,
  place: Place,
  readOnly: boolean,
): Answer {
  const role = operation['x-role']
  if (role !== 'anyone') {
    if (visitor === undefined) return 401
    if (!includesRole(visitor.role, role as Role)) return 403
    const grant = operation['x-grant']
    if (grant !== undefined && visitor.grants?.includes(grant) !== true) return 403
    if (visitor.clientIdPrefix !== undefined && !isWithin(operation, place)) return 403
  }
  return readOnly && method !== 'get' && operation['x-in-read-only'] === undefined ? 403 : 'let through'
}

function isWithin(operation: Operation, place: Place): boolean {
  if (operation['x-limited-keys'] === 'refused') return false
  return operation['x-limited-keys'] === 'filtered' || place === 'mine-nobody'
}

/** Streams never end by themselves, so only the head is waited for. */
async function statusOf(
  client: AdminClient,
  { method, path }: NamedOperation,
  place: Place,
): Promise<number> {
  const url = client.base.replace(/\/api\/v1$/, '') + path.replaceAll(/\{\w+\}/g, place)
  const abort = new AbortController()
  const { status } = await fetch(url, {
    method: method.toUpperCase(),
    headers: client.headers,
    signal: abort.signal,
    redirect: 'manual',
  })
  abort.abort()
  return status
}

async function assertMatrix(
  httpUrl: string,
  clients: ReadonlyMap<string, AdminClient>,
  readOnly: boolean,
): Promise<number> {
  const wrong: string[] = []
  let count = 0
  for (const named of operationsOf(await readApiDocument(httpUrl))) {
    for (const [name, client] of clients) {
      for (const place of named.path.includes('{clientId}') ? PLACES : PLACES.slice(0, 1)) {
        const status = await statusOf(client.at(httpUrl), named, place)
        const wanted = expected(named.operation, named.method, visitors[name], place, readOnly)
        const isLetThrough = ![401, 403, 405, 429, 500].includes(status)
        count++
        if (wanted === 'let through' ? !isLetThrough : status !== wanted)
          wrong.push(`${named.name} (${place}) by ${name}: ${status}, and not ${wanted}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
  return count
}

test('each route lets through whom its role, grant and client ids say, and in read-only mode no change', async () => {
  const settings = { store: 'embedded', 'data-dir': temporaryDirectory() }
  const broker = new InProcessBroker(settings, {})
  await broker.start()
  const admin = await setUp(broker)
  const clients = new Map<string, AdminClient>()
  for (const [name, given] of Object.entries(visitors))
    clients.set(name, given === undefined ? new AdminClient(broker.httpUrl) : await withKey(admin, given))
  try {
    const count = await assertMatrix(broker.httpUrl, clients, false)
    assert.ok(count > 100, `${count} requests`)
  } finally {
    await broker.stop()
  }
  const readOnly = new InProcessBroker({ ...settings, 'admin-read-only': true }, {})
  await readOnly.start()
  try {
    await assertMatrix(readOnly.httpUrl, clients, true)
  } finally {
    await readOnly.stop()
  }
})

test('no route changes anything for a page of another site, and none takes a method it does not have', async () => {
  const broker = new InProcessBroker({}, {})
  await broker.start()
  try {
    const admin = await setUp(broker)
    const cookie = admin.headers['cookie'] ?? ''
    const operations = operationsOf(await readApiDocument(broker.httpUrl))
    for (const named of operations.filter(({ method }) => method !== 'get')) {
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
        const client = new AdminClient(broker.httpUrl, { cookie, ...(headers as Record<string, string>) })
        assert.equal(
          await statusOf(client, named, PLACES[0]),
          403,
          `${named.name} ${JSON.stringify(headers)}`,
        )
      }
    }
    const methods = ['get', 'post', 'patch', 'put', 'delete', 'options']
    for (const path of new Set(operations.map(({ path }) => path))) {
      const taken = operations.filter(one => one.path === path).map(one => one.method)
      for (const method of methods.filter(one => !taken.includes(one))) {
        const named = { ...operations[0]!, name: `${method} ${path}`, method, path }
        assert.equal(await statusOf(admin, named, PLACES[0]), 405, named.name)
      }
    }
  } finally {
    await broker.stop()
  }
})
