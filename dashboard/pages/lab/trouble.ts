// Why a page cannot reach the broker over WebSocket: a browser does not say, so it is found out as far as it can be.

import type { LabFacts } from '../../../shared/lab-facts.ts'

export interface Trouble {
  /** Exactly what was tried. */
  readonly url: string
  readonly what: string
  readonly fix: string
  /** To be copied as it is. */
  readonly setting?: string
}

export interface Circumstances {
  readonly url: string
  /** Of the page: `https://console.example`. */
  readonly origin: string
  readonly host: string
  /** Undefined for a broker that nothing is known of. */
  readonly facts: Pick<LabFacts, 'websocketOrigins' | 'websocketUrl' | 'websocketPath'> | undefined
  /** A content security policy has kept the page from connecting. */
  readonly isAgainstPolicy: boolean
  /** The status of a plain GET at the same address; undefined when there was no answer. */
  readonly status: number | undefined
}

const NGINX = `proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection "upgrade";`

export function troubleOf(given: Circumstances): Trouble {
  const { url, origin, facts, isAgainstPolicy, status } = given
  const found = (what: string, fix: string, setting?: string): Trouble =>
    setting === undefined ? { url, what, fix } : { url, what, fix, setting }
  if (isAgainstPolicy)
    return found(
      'A content security policy keeps this page from opening it.',
      'The broker itself sends one that allows it; something in between has put another in its place. It needs:',
      "connect-src 'self' ws: wss:",
    )
  if (origin.startsWith('https:') && url.startsWith('ws:'))
    return found(
      'A page that came over https may not open an unencrypted WebSocket.',
      `Try it with ${url.replace(/^ws:/, 'wss:')}.`,
    )
  if (facts === undefined)
    return found(
      'Nothing there takes MQTT over WebSocket, or it does not let pages from here in.',
      `Look whether the broker listens for WebSocket at that address, and whether it allows the origin ${origin}.`,
    )
  if (facts.websocketUrl === null)
    return found('This broker does not listen for MQTT over WebSocket.', 'Give it a port:', 'http-port: 8080')
  if (!isOriginAllowed(given, facts.websocketOrigins))
    return found(
      `The broker lets no pages from ${origin} in.`,
      'Add the pages that this listener serves itself to the setting:',
      `websocket-origins: ${[...facts.websocketOrigins, 'same'].join(',')}`,
    )
  return found(...betweenHereAndThere(status, facts.websocketPath))
}

function betweenHereAndThere(
  status: number | undefined,
  path: string,
): [what: string, fix: string, setting?: string] {
  if (status === undefined) return ['The broker does not answer.', 'It has stopped, or the network is down.']
  if (status === 426)
    return [
      'The address is right, but the connection does not become a WebSocket.',
      'A proxy in between does not pass Upgrade on, or the broker has taken as many connections as it may. For nginx:',
      NGINX,
    ]
  if (status >= 500)
    return [
      `Whatever answers there has the status ${status}.`,
      'A proxy does not reach the broker: look at its log.',
    ]
  return [
    `What answers there is not the broker (status ${status}).`,
    `A proxy in between has to pass ${path} on to the broker as well.`,
  ]
}

function isOriginAllowed({ origin, host, url }: Circumstances, allowed: readonly string[]): boolean {
  const isOwn = new URL(url).host === host
  return allowed.some(
    one =>
      one === '*' ||
      one === origin ||
      (one === 'same' && isOwn) ||
      (one === 'localhost' && /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin)),
  )
}

/** Of a plain GET; only where the page came from, since others may not be asked. */
export async function statusAt(url: string, host: string): Promise<number | undefined> {
  if (new URL(url).host !== host) return undefined
  try {
    return (await fetch(url.replace(/^ws/, 'http'), { cache: 'no-store', redirect: 'manual' })).status
  } catch (error) {
    // Whatever it was, it means that nobody answered.
    if (error instanceof Error) return undefined
    throw error
  }
}
