// The cookie that a browser is logged in by: for this site alone, out of reach of scripts, and never over plain http
// where it was set over https.

import type { FastifyRequest } from 'fastify'

/** The prefix makes browsers refuse it unless it is Secure, for this host alone and for all paths. */
const SECURE_NAME = '__Host-holdfast'
const PLAIN_NAME = 'holdfast'

/** By what the browser, or the proxy in front, says; whoever lies here only locks himself out. */
function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https'
}

export function cookieSecret(request: FastifyRequest): string | undefined {
  const wanted = isSecure(request) ? SECURE_NAME : PLAIN_NAME
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, ...value] = pair.split('=')
    if (name?.trim() === wanted) return value.join('=').trim()
  }
  return undefined
}

export function setCookie(request: FastifyRequest, secret: string, maxAgeMs: number): string {
  return cookie(request, secret, Math.floor(maxAgeMs / 1000))
}

export function clearCookie(request: FastifyRequest): string {
  return cookie(request, '', 0)
}

function cookie(request: FastifyRequest, value: string, maxAgeSeconds: number): string {
  const secure = isSecure(request)
  const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
  return `${secure ? SECURE_NAME : PLAIN_NAME}=${value}; ${attributes}`
}
