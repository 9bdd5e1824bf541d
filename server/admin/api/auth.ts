// Logging in and out, who one is, one's password, and the first admin.

import Type from 'typebox'
import { type Me, meSchema, nameSchema, passwordSchema } from '../../../shared/account-shapes.ts'
import type { Access } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import { addressKey } from '../auth/address-key.ts'
import { clearCookie, setCookie } from '../auth/cookie.ts'
import { siteOf } from '../auth/same-site.ts'
import type { UserRecord } from '../auth/users.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'
import { type ApiRequest, type ApiRoute, defineRoute, noContent } from './route.ts'

const closed = { additionalProperties: false } as const
/** Any text: what is wrong with it is only that it is not the password. */
const anyPassword = Type.String({ minLength: 1, maxLength: 512 })
const anyName = Type.String({ minLength: 1, maxLength: 64 })

const meExample: Me = {
  kind: 'user',
  id: '01M7Z0K3VQ8D5T1N6S2B4C9F7G',
  name: 'ana',
  role: 'operator',
  grants: ['payload:read'],
  clientIdPrefix: null,
  readOnly: false,
}

export function authRoutes(context: ApiContext): readonly ApiRoute[] {
  return [setup(context), login(context), logout(context), me(context), password(context)]
}

function setup(context: ApiContext): ApiRoute {
  const { access } = context
  return defineRoute({
    method: 'POST',
    url: '/auth/setup',
    summary: 'Make the first admin, or let an admin in who is locked out, with the token of a set-up link.',
    description:
      'The broker prints the link at its start while it knows no user; `holdfast setup-link` prints one at any time. A token works once. If there is a user of that name, its password is replaced and it becomes an admin.',
    tag: 'Access',
    role: 'anyone',
    inReadOnly: 'allowed',
    audit: 'access.setup',
    secret: true,
    body: Type.Object(
      { token: Type.String({ minLength: 1, maxLength: 128 }), name: nameSchema, password: passwordSchema },
      closed,
    ),
    bodyExample: { token: 'c2VjcmV0', name: 'ana', password: 'correct horse battery' },
    response: { 200: meSchema },
    example: { 200: { ...meExample, role: 'admin' } },
    problems: ['setup-refused', 'cross-site', 'limit-exceeded', 'broker-unavailable'],
    handle: async (request, reply) => {
      const { token, name, password } = request.body
      refuseOtherSites(request)
      if (!access.setupLink.isRight(token, access.now())) throw problem('setup-refused')
      request.act.target = name
      // Nobody else may use it while the password is hashed.
      access.setupLink.spend()
      const user = await makeAdmin(access, name, await hashed(access, password))
      return logIn(context, request, reply, user)
    },
  })
}

async function makeAdmin(access: Access, name: string, passwordHash: string): Promise<UserRecord> {
  const known = access.users.find(name)
  const made =
    known === undefined
      ? await access.users.add(
          { name, role: 'admin', grants: ['payload:read', 'publish:test'], passwordHash },
          access.now(),
        )
      : await access.users.change(known.id, { role: 'admin', passwordHash })
  if (typeof made === 'string')
    throw problem('limit-exceeded', { detail: 'There are as many users as there may be.' })
  if (known !== undefined) await access.logins.endAll(known.id)
  return made
}

function login(context: ApiContext): ApiRoute {
  const { access } = context
  return defineRoute({
    method: 'POST',
    url: '/auth/login',
    summary: 'Log in; the answer sets the cookie.',
    tag: 'Access',
    role: 'anyone',
    inReadOnly: 'allowed',
    audit: 'access.login',
    secret: true,
    body: Type.Object({ name: anyName, password: anyPassword }, closed),
    bodyExample: { name: 'ana', password: 'correct horse battery' },
    response: { 200: meSchema },
    example: { 200: meExample },
    problems: ['login-refused', 'cross-site', 'rate-limited', 'broker-unavailable'],
    handle: async (request, reply) => {
      const { name, password } = request.body
      refuseOtherSites(request)
      const ip = addressKey(request.http.ip)
      const user = access.users.find(name)
      // A name that nobody has may be a password in the wrong field.
      request.act.target = user?.name ?? ''
      const waitMs = access.limit.begin(ip, name.toLowerCase(), access.now())
      if (waitMs > 0) throw tooManyTries(waitMs)
      const verdict = await access.passwords.verify(password, user?.passwordHash)
      if (verdict === 'busy') throw busy()
      if (verdict === 'wrong' || user === undefined)
        throw problem('login-refused', { detail: 'The name or the password is wrong.' })
      access.limit.succeeded(ip, name.toLowerCase())
      return logIn(context, request, reply, user)
    },
  })
}

type Reply = Parameters<ApiRoute['handle']>[1]
type AnyRequest = Pick<ApiRequest<unknown, unknown, unknown>, 'http' | 'act'>

async function logIn(
  { access, readOnly }: ApiContext,
  request: AnyRequest,
  reply: Reply,
  user: UserRecord,
): Promise<Me> {
  const { ip, headers } = request.http
  const from = { address: ip, userAgent: headers['user-agent']?.slice(0, 512) }
  const { secret } = await access.logins.begin(user.id, from, access.now())
  access.users.seen(user.id, access.now())
  reply.header('set-cookie', setCookie(request.http, secret, access.loginAgeMs))
  const { id, name, role, grants } = user
  request.act.by = { kind: 'user', name, role }
  return { kind: 'user', id, name, role, grants: [...grants], clientIdPrefix: null, readOnly: readOnly() }
}

function logout({ access }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/auth/logout',
    summary: 'Log out this browser.',
    tag: 'Access',
    role: 'viewer',
    inReadOnly: 'allowed',
    audit: 'access.logout',
    response: { 204: noContent },
    example: {},
    problems: ['conflict'],
    handle: async (request, reply) => {
      const { sessionId } = request.actor.facts
      if (sessionId === undefined)
        throw problem('conflict', { detail: 'A key does not log in: delete it instead.' })
      await access.logins.end(sessionId)
      reply.header('set-cookie', clearCookie(request.http))
    },
  })
}

function me({ readOnly }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/auth/me',
    summary: 'Who one is, and what one may do.',
    tag: 'Access',
    role: 'viewer',
    limitedKeys: 'filtered',
    response: { 200: meSchema },
    example: { 200: meExample },
    problems: [],
    handle: async request => meOf(request.actor, readOnly()),
  })
}

function meOf({ facts }: Actor, readOnly: boolean): Me {
  const { kind, id, name, role, grants, clientIdPrefix = null } = facts
  return { kind, id, name, role, grants: [...grants], clientIdPrefix, readOnly }
}

function password({ access }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'POST',
    url: '/auth/password',
    summary: "Change one's password; all other browsers are logged out.",
    tag: 'Access',
    role: 'viewer',
    inReadOnly: 'allowed',
    audit: 'access.password',
    secret: true,
    body: Type.Object({ current: anyPassword, password: passwordSchema }, closed),
    bodyExample: { current: 'correct horse battery', password: 'a better one than that' },
    response: { 204: noContent },
    example: {},
    problems: ['login-refused', 'conflict', 'rate-limited', 'broker-unavailable'],
    handle: async request => {
      const { id, name, sessionId } = request.actor.facts
      const user = access.users.get(id)
      if (sessionId === undefined || user === undefined)
        throw problem('conflict', { detail: 'A key has no password: rotate it instead.' })
      const ip = addressKey(request.http.ip)
      const waitMs = access.limit.begin(ip, name.toLowerCase(), access.now())
      if (waitMs > 0) throw tooManyTries(waitMs)
      const verdict = await access.passwords.verify(request.body.current, user.passwordHash)
      if (verdict === 'busy') throw busy()
      if (verdict === 'wrong') throw problem('login-refused', { detail: 'The current password is wrong.' })
      access.limit.succeeded(ip, name.toLowerCase())
      await access.users.change(id, { passwordHash: await hashed(access, request.body.password) })
      await access.logins.endAll(id, sessionId)
    },
  })
}

/** Nobody is known yet whose cookie it could be, but nobody is to be logged in as somebody else either. */
function refuseOtherSites({ http }: AnyRequest): void {
  if (siteOf(http) === 'other') throw problem('cross-site')
}

function tooManyTries(waitMs: number) {
  const seconds = Math.ceil(waitMs / 1000)
  const detail = `Too many wrong passwords came from this address: wait ${Math.ceil(seconds / 60)} min.`
  return problem('rate-limited', { detail, headers: { 'retry-after': `${seconds}` } })
}

export function busy() {
  const detail = 'Too many people log in at once: try again in a few seconds.'
  return problem('broker-unavailable', { detail, headers: { 'retry-after': '5' } })
}

export async function hashed(access: Access, password: string): Promise<string> {
  const hash = await access.passwords.hash(password)
  if (hash === 'busy') throw busy()
  return hash
}
