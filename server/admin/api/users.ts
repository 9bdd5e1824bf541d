// The users of the admin API, and the browsers they are logged in with.

import Type from 'typebox'
import {
  grantsSchema,
  loginSchema,
  nameSchema,
  passwordSchema,
  roleSchema,
  type User,
  userSchema,
} from '../../../shared/account-shapes.ts'
import type { Access } from '../auth/access.ts'
import type { LoginRecord } from '../auth/logins.ts'
import type { UserRecord, UserRefusal } from '../auth/users.ts'
import { hashed } from './auth.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute, noContent } from './route.ts'

const closed = { additionalProperties: false } as const
const idParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
const loginParams = Type.Object({
  id: Type.String({ maxLength: 64 }),
  loginId: Type.String({ maxLength: 64 }),
})

const example: User = {
  id: '01M7Z0K3VQ8D5T1N6S2B4C9F7G',
  name: 'ana',
  role: 'operator',
  grants: ['payload:read'],
  createdAt: '2026-11-21T12:00:00.000Z',
  lastSeenAt: '2026-11-26T09:30:00.000Z',
  logins: 1,
}
const loginExample = {
  id: '01M7Z0K3VQ8D5T1N6S2B4C9F7H',
  userId: example.id,
  createdAt: '2026-11-26T08:00:00.000Z',
  lastSeenAt: '2026-11-26T09:30:00.000Z',
  address: '10.2.3.4',
  userAgent: 'Mozilla/5.0',
  current: true,
}

export function userRoutes(context: ApiContext): readonly ApiRoute[] {
  const { access } = context
  return [list(access), add(access), change(access), remove(context), listLogins(access), endLogin(access)]
}

function list(access: Access): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/users',
    summary: 'All users.',
    tag: 'Access',
    role: 'admin',
    response: { 200: Type.Object({ data: Type.Array(userSchema) }, closed) },
    example: { 200: { data: [example] } },
    problems: [],
    handle: async () => ({ data: access.users.all().map(user => shown(access, user)) }),
  })
}

function add(access: Access): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/users',
    summary: 'Add a user.',
    tag: 'Access',
    role: 'admin',
    audit: 'user.add',
    secret: true,
    body: Type.Object(
      { name: nameSchema, password: passwordSchema, role: roleSchema, grants: Type.Optional(grantsSchema) },
      closed,
    ),
    bodyExample: { name: 'ana', password: 'correct horse battery', role: 'operator' },
    response: { 201: userSchema },
    example: { 201: example },
    problems: ['conflict', 'limit-exceeded', 'broker-unavailable'],
    handle: async ({ body, act }) => {
      const { name, password, role, grants = [] } = body
      act.target = name
      act.tell({ role, grants: grants.join(' ') })
      const passwordHash = await hashed(access, password)
      return shown(
        access,
        granted(await access.users.add({ name, role, grants, passwordHash }, access.now())),
      )
    },
  })
}

function change(access: Access): ApiRoute {
  return defineRoute({
    method: 'PATCH',
    url: '/users/{id}',
    summary: "Change a user's role, grants or password.",
    description: 'A new password, or another role, logs the user out everywhere.',
    tag: 'Access',
    role: 'admin',
    audit: 'user.change',
    secret: true,
    params: idParams,
    body: Type.Object(
      {
        role: Type.Optional(roleSchema),
        grants: Type.Optional(grantsSchema),
        password: Type.Optional(passwordSchema),
      },
      { ...closed, minProperties: 1 },
    ),
    bodyExample: { role: 'viewer' },
    response: { 200: userSchema },
    example: { 200: { ...example, role: 'viewer' } },
    problems: ['conflict', 'not-found', 'broker-unavailable'],
    handle: async ({ params, body, act, actor }) => {
      const before = access.users.get(params.id)
      if (before === undefined) throw problem('not-found')
      const { role = before.role, grants = before.grants, password } = body
      act.target = before.name
      act.tell({
        ...changed('role', before.role, role),
        ...changed('grants', before.grants.join(' '), grants.join(' ')),
        ...(password === undefined ? {} : { password: 'new' }),
      })
      if (actor.facts.id === before.id && role !== before.role)
        throw problem('conflict', { detail: 'Another admin must change your role.' })
      const passwordHash = password === undefined ? before.passwordHash : await hashed(access, password)
      const after = granted(await access.users.change(before.id, { role, grants, passwordHash }))
      if (password !== undefined || role !== before.role)
        await access.logins.endAll(after.id, actor.facts.sessionId)
      return shown(access, after)
    },
  })
}

/** As the audit says it: before and after, where they differ. */
function changed(name: string, before: string, after: string): Readonly<Record<string, string>> {
  return before === after ? {} : { [name]: `${before || 'none'} -> ${after || 'none'}` }
}

function remove({ access, views }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/users/{id}',
    summary: 'Remove a user; every browser of theirs is logged out.',
    tag: 'Access',
    role: 'admin',
    audit: 'user.remove',
    params: idParams,
    response: { 204: noContent },
    example: {},
    problems: ['conflict', 'not-found'],
    handle: async ({ params, act, actor }) => {
      act.target = access.users.get(params.id)?.name
      if (actor.facts.id === params.id)
        throw problem('conflict', { detail: 'Another admin must remove you.' })
      const removed = granted(await access.users.remove(params.id))
      await access.logins.endAll(removed.id)
      await views.removeUnshared(`user:${removed.id}`)
    },
  })
}

function listLogins(access: Access): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/users/{id}/logins',
    summary: 'The browsers that a user is logged in with; for admins, and for oneself.',
    tag: 'Access',
    role: 'viewer',
    params: idParams,
    response: { 200: Type.Object({ data: Type.Array(loginSchema) }, closed) },
    example: { 200: { data: [loginExample] } },
    problems: ['not-found'],
    handle: async ({ params, actor }) => {
      // Whose logins one may not see are as good as not there.
      const isSeen = params.id === actor.facts.id || actor.is('admin')
      if (!isSeen || access.users.get(params.id) === undefined) throw problem('not-found')
      const logins = access.logins.of(params.id, access.now())
      return { data: logins.map(login => shownLogin(login, actor.facts.sessionId)) }
    },
  })
}

function endLogin(access: Access): ApiRoute {
  return defineRoute({
    method: 'DELETE',
    url: '/users/{id}/logins/{loginId}',
    summary: 'Log one browser out; for admins, and for oneself.',
    tag: 'Access',
    role: 'viewer',
    inReadOnly: 'allowed',
    audit: 'access.end-login',
    params: loginParams,
    response: { 204: noContent },
    example: {},
    problems: ['not-found'],
    handle: async ({ params, act, actor }) => {
      const isSeen = params.id === actor.facts.id || actor.is('admin')
      const login = isSeen ? access.logins.get(params.loginId) : undefined
      if (login === undefined || login.userId !== params.id) throw problem('not-found')
      act.target = access.users.get(params.id)?.name
      await access.logins.end(login.id)
    },
  })
}

function shown(access: Access, user: UserRecord): User {
  const { id, name, role, grants, createdAt, lastSeenAt } = user
  return {
    id,
    name,
    role,
    grants: [...grants],
    createdAt: new Date(createdAt).toISOString(),
    lastSeenAt: lastSeenAt === undefined ? null : new Date(lastSeenAt).toISOString(),
    logins: access.logins.of(id, access.now()).length,
  }
}

function shownLogin(login: LoginRecord, current: string | undefined) {
  const { id, userId, createdAt, lastSeenAt, address, userAgent = null } = login
  return {
    id,
    userId,
    createdAt: new Date(createdAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
    address,
    userAgent,
    current: id === current,
  }
}

const refusals = {
  'name-taken': problem('conflict', { detail: 'There is a user with that name, or one that looks like it.' }),
  'last-admin': problem('conflict', { detail: 'Nobody else is an admin: make somebody one first.' }),
  'too-many': problem('limit-exceeded', { detail: 'There are as many users as there may be.' }),
  unknown: problem('not-found'),
} as const satisfies Record<UserRefusal, unknown>

function granted(result: UserRecord | UserRefusal): UserRecord {
  if (typeof result === 'string') throw refusals[result]
  return result
}
