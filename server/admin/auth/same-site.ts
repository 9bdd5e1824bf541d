// Whether a request that changes something comes from a page of this broker. A browser sends its cookie with whatever
// any page makes it send; Fetch Metadata tells where from, and Origin where that is missing (plain http on a LAN).

import type { FastifyRequest } from 'fastify'

export type Site = 'same' | 'other' | 'unknown'

export function siteOf({ headers }: FastifyRequest): Site {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' ? 'same' : 'other'
  const { origin, host } = headers
  // No browser leaves both out in a request that changes something; programs do.
  if (origin === undefined) return 'unknown'
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
    ? 'same'
    : 'other'
}
