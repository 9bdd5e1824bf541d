// What must hold between settings. Where two limits overlap the smaller one holds; refused is only what cannot
// work or is not safe.

import { BlockList, isIP } from 'node:net'
import type { SettingKey, Settings } from './schema.ts'

interface Check {
  readonly name: string
  /** The settings it looks at: it is skipped if one of them was refused by itself. */
  readonly settings: readonly [SettingKey, ...SettingKey[]]
  /** What is wrong and what to do about it, or undefined. */
  readonly refuse: (settings: Settings) => string | undefined
}

export const checks: readonly Check[] = [
  {
    name: 'anonymous-only-on-loopback',
    settings: ['host', 'allowAnonymous'],
    refuse: ({ host, allowAnonymous }) =>
      isLoopback(host) || allowAnonymous
        ? undefined
        : `host ${host} can be reached from other machines, and every client may connect there without a password: set allow-anonymous to true if that is meant, or host to a loopback address such as 127.0.0.1`,
  },
  {
    name: 'some-listener',
    settings: ['mqttPort', 'httpPort'],
    refuse: ({ mqttPort, httpPort }) =>
      mqttPort === undefined && httpPort === undefined
        ? 'mqtt-port and http-port are both off: leave at least one of them on, or no client can connect'
        : undefined,
  },
  {
    name: 'ports-differ',
    settings: ['mqttPort', 'httpPort'],
    refuse: ({ mqttPort, httpPort }) =>
      mqttPort !== undefined && mqttPort !== 0 && mqttPort === httpPort
        ? `mqtt-port and http-port are both ${mqttPort}: give each listener its own port, or 0 for a free one`
        : undefined,
  },
  {
    name: 'admin-port-differs',
    settings: ['adminPort', 'adminHost', 'mqttPort', 'httpPort', 'host'],
    refuse: ({ adminPort, adminHost, mqttPort, httpPort, host }) => {
      if (adminPort === undefined || adminPort === 0 || !meet(adminHost, host)) return undefined
      const other = adminPort === mqttPort ? 'mqtt-port' : adminPort === httpPort ? 'http-port' : undefined
      return other === undefined
        ? undefined
        : `admin-port and ${other} are both ${adminPort}: give each listener its own port, or leave admin-port out to have the admin API on http-port`
    },
  },
  {
    name: 'admin-port-needs-admin',
    settings: ['admin', 'adminPort'],
    refuse: ({ admin, adminPort }) =>
      admin === 'off' && adminPort !== undefined
        ? `admin is off, so nothing would be served on admin-port ${adminPort}: leave one of them out`
        : undefined,
  },
  {
    name: 'admin-host-needs-port',
    settings: ['adminHost', 'adminPort', 'host'],
    refuse: ({ adminHost, adminPort, host }) =>
      adminPort === undefined && adminHost !== '127.0.0.1' && adminHost !== host
        ? `admin-host ${adminHost} has no listener: give admin-port too, or leave admin-host out to have the admin API on http-port of ${host}`
        : undefined,
  },
]

/** Listeners on them cannot share a port. */
function meet(one: string, other: string): boolean {
  return one === other || isEveryAddress(one) || isEveryAddress(other)
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host)
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** A name other than localhost may resolve to anything, so it counts as reachable. */
export function isLoopback(host: string): boolean {
  const family = isIP(host)
  if (family === 0) return host.toLowerCase() === 'localhost'
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
