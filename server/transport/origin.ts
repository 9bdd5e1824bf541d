// Which web pages may open a WebSocket: a browser sends the page's origin, and nobody else has to.

const localHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * `host` is the Host header of the request: a page of the listener itself is always allowed, and so is a
 * client that sends no Origin, which no browser is. `allowed` holds `*`, `localhost`, or exact origins.
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true
  const page = URL.canParse(origin) ? new URL(origin) : undefined
  if (page === undefined || (page.protocol !== 'http:' && page.protocol !== 'https:')) return false
  if (page.host === host) return true
  return allowed.includes('localhost') && localHosts.has(page.hostname)
}
