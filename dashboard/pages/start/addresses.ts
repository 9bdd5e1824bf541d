// Where clients connect, as seen from the page: it may have come through another name than the broker is bound to.

import type { StartFacts } from '../../../shared/start-facts.ts'

interface PageLocation {
  readonly protocol: string
  readonly host: string
  readonly hostname: string
}

/**
 * On the page's own scheme, host and port, unless MQTT has another port than the page: whatever led here leads there
 * too. Where there is no WebSocket at all, it is where one would be.
 */
export function webSocketUrl(
  { protocol, host, hostname }: PageLocation,
  { websocketPath, websocketPort }: Pick<StartFacts, 'websocketPath' | 'websocketPort'>,
): string {
  const authority = typeof websocketPort === 'number' ? `${hostname}:${websocketPort}` : host
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${authority}${websocketPath}`
}

/** Undefined while there is no TCP listener. */
export function tcpUrl({ hostname }: PageLocation, { host, mqttPort }: StartFacts): string | undefined {
  if (mqttPort === null) return undefined
  const bound = host.includes(':') ? `[${host}]` : host
  return `mqtt://${isEveryAddress(host) ? hostname : bound}:${mqttPort}`
}

/** Who can reach the broker, as a sentence. */
export function reach(host: string): string {
  if (/^127\.|^::1$|^localhost$/i.test(host)) return 'It takes connections from this machine only.'
  const where = isEveryAddress(host) ? 'all addresses of this machine' : host
  return `It listens on ${where}, and whoever can reach that may connect without a password.`
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host)
}
