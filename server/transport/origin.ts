// Which web pages may open a WebSocket: a browser sends the page's origin, and nobody else has to.

const localHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Words of the setting, which no page may pass for its origin. */
const words = new Set(['*', 'localhost', 'same'])

/**
 * `host` is the Host header of the request. A client that sends no Origin is no browser and always allowed;
 * `allowed` holds `*`, `localhost`, `same` (the page that this listener serves itself) or exact origins. `same`
 * has to be asked for: a foreign name that resolves to this machine makes a foreign page look like our own.
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes('*')) return true
  if (!words.has(origin) && allowed.includes(origin)) return true
  const page = URL.canParse(origin) ? new URL(origin) : undefined
  if (page === undefined || (page.protocol !== 'http:' && page.protocol !== 'https:')) return false
  if (allowed.includes('same') && page.host === host) return true
  return allowed.includes('localhost') && localHosts.has(page.hostname)
}
