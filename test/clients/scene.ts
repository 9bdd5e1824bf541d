// What the scenarios share: names of their own, the broker's settings, and looks at the broker from outside.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestBroker } from '../harness/broker.ts'
import { type Address, RawClient } from '../harness/raw-client.ts'
import { CutProxy } from './cut-proxy.ts'
import type { DrivenClient, DrivenMessage, Driver, PublishRequest } from './driven-client.ts'

export interface Scene {
  readonly driver: Driver
  readonly broker: TestBroker
  /** Why the scenarios cannot run here. */
  readonly skip: string | false
}

export const queueMessagesMax = 100
const sysIntervalMs = 20

/** Of the broker that scenarios run against. */
export const sceneSettings = {
  'queue-messages-max': queueMessagesMax,
  'sys-interval': `${sysIntervalMs}ms`,
  'log-level': 'debug',
}

/** A test of one scenario; `name` is unique and fit for topics and client identifiers. */
export function scenario(scene: Scene, title: string, run: (name: string) => Promise<void>): void {
  const { driver, skip } = scene
  test(`${title} (${driver.name})`, { skip }, () => run(`scene-${randomBytes(5).toString('hex')}`))
}

/** A client with clean session on, for publishing. */
export function connectPublisher(scene: Scene, name: string): Promise<DrivenClient> {
  return scene.driver.connect({ clientId: `${name}-publisher`, clean: true })
}

export async function publishAll(
  publisher: DrivenClient,
  payloads: readonly string[],
  request: Omit<PublishRequest, 'payload'>,
): Promise<void> {
  for (const payload of payloads) await publisher.publish({ ...request, payload })
  // A library calls QoS 0 delivered once it has left; this acknowledgement says that the broker has read it all.
  const barrier = { topic: `${request.topic}/barrier`, payload: `barrier ${randomBytes(5).toString('hex')}` }
  if (request.qos === 0) await publisher.publish({ ...barrier, qos: 1 })
}

/** 3.1 has no session present flag: it is always 0. */
export function assertSessionPresent(scene: Scene, client: DrivenClient, expected: boolean): void {
  assert.equal(client.sessionPresent, scene.driver.protocolVersion > 3 && expected)
}

export function payloadsOf(messages: readonly DrivenMessage[]): string[] {
  return messages.map(message => message.payload)
}

export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1))
}

/** A proxy that lasts until the end of the test, before the listener that the driver uses. */
export function proxyFor(scene: Scene): Promise<CutProxy> {
  const { host, port, httpPort } = scene.broker
  return CutProxy.before({ host, port: scene.driver.transport === 'tcp' ? port : httpPort })
}

/** What the broker says under `$SYS/broker/` now. */
export async function sysValue(broker: Address, name: string): Promise<number> {
  await sleep(2 * sysIntervalMs)
  const client = await RawClient.connected(broker)
  await client.subscribe(`$SYS/broker/${name}`)
  const publish = await client.expect('publish')
  await client.disconnect()
  return Number.parseInt(publish.payload.toString(), 10)
}

export async function waitForSysValue(broker: Address, name: string, wanted: number): Promise<void> {
  let value = await sysValue(broker, name)
  for (const deadline = performance.now() + 3000; value !== wanted && performance.now() < deadline; ) {
    value = await sysValue(broker, name)
  }
  assert.equal(value, wanted, `$SYS/broker/${name}`)
}
