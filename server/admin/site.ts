// Serves the built dashboard: the console at / and below, the page about the admin API, and their files under /assets/.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** The sources have the built page in dashboard/dist/, the package beside its compiled server. */
const builtSite = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dashboard/dist/' : '../../dashboard/', import.meta.url),
)

const notBuilt = `Holdfast is running and takes MQTT connections, but this page has not been built.

Stop the broker and start it with "npm start", which builds the page first; or build it with
"node scripts/setup.mjs" and reload.
`

/** Files under /assets/ have a hash of their content in their name. */
const FOREVER = 'public, max-age=31536000, immutable'

/** One page that reads its own address (dashboard/app/routes.ts); what is not among these leads nowhere, as it says. */
const pagePaths = [
  '/',
  '/sessions',
  '/sessions/*',
  '/plans/*',
  '/operations',
  '/operations/*',
  '/conflicts',
  '/retained',
  '/topics',
  '/events',
  '/audit',
  '/lab',
  '/settings',
  '/start',
  '/login',
  '/setup',
] as const

/** Where the console is not: how to connect, and nothing of the admin API. */
const startPaths = ['/', '/start'] as const

interface SiteGiven {
  /** The start page alone, or all of the console. */
  readonly pages: 'start' | 'console'
  /** Both ends of its path are slashes. */
  readonly folder?: string
}

export async function serveSite(
  fastify: FastifyInstance,
  { pages, folder = builtSite }: SiteGiven,
): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: folder,
    serve: false,
    cacheControl: false,
  })
  const send = (reply: FastifyReply, file: string, cacheControl: string): FastifyReply =>
    reply.header('cache-control', cacheControl).sendFile(file)
  // Looked for at each request, so that a page built later is found without a restart.
  const pageOf = (file: string) => async (_request: unknown, reply: FastifyReply) =>
    existsSync(folder + file)
      ? send(reply, file, 'no-cache')
      : reply.code(503).type('text/plain; charset=utf-8').send(notBuilt)
  const sendConsole = pageOf('index.html')
  for (const path of pages === 'console' ? pagePaths : startPaths) fastify.get(path, sendConsole)
  if (pages === 'console') {
    fastify.get('/api/docs', pageOf('api-docs.html'))
    fastify.setNotFoundHandler(async (request, reply) => {
      reply.code(404)
      if (isLookedAt(request) && existsSync(`${folder}index.html`))
        return send(reply, 'index.html', 'no-cache')
      return {
        message: `Route ${request.method}:${request.url} not found`,
        error: 'Not Found',
        statusCode: 404,
      }
    })
  }
  fastify.get('/icon.svg', async (_request, reply) => send(reply, 'icon.svg', 'no-cache'))
  fastify.get<{ Params: { '*': string } }>('/assets/*', async (request, reply) =>
    send(reply, `assets/${request.params['*']}`, FOREVER),
  )
}

/** Somebody has followed a link or typed the address; programs are told in JSON. */
function isLookedAt({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html')
}
