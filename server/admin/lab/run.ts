// One run of the Lab: whose it is, which tests it may do, and the names that its clients and topics have.

import type { Millis } from '../../clock.ts'
import type { By } from '../../events.ts'

export interface LabRunRecord {
  readonly id: string
  /** Who: `user:...` or `key:...`. */
  readonly owner: string
  readonly ownerName: string
  readonly tests: readonly string[]
  readonly startedAt: Millis
  /** Then everything of it is taken away, whatever has become of the browser. */
  readonly expiresAt: Millis
}

/** The subscriber, whose client id a second tab may have as well, and the publisher. */
const clients = ['sub', 'pub'] as const

const OWNER_CHARACTERS_MAX = 32

export function clientIdPrefix({ id, ownerName }: LabRunRecord): string {
  return `lab/${plain(ownerName)}/${id}/`
}

export function topicPrefix({ id }: LabRunRecord): string {
  return `lab/${id}/`
}

export function clientIdsOf(run: LabRunRecord, tests: readonly string[] = run.tests): readonly string[] {
  return tests.flatMap(test => clients.map(client => `${clientIdPrefix(run)}${test}/${client}`))
}

export function topicsOf(run: LabRunRecord): readonly string[] {
  return run.tests.map(test => topicPrefix(run) + test)
}

/** For what the broker remembers of what is done to the run's sessions. */
export function byRun({ id, ownerName }: LabRunRecord): By {
  return { actor: ownerName, reason: `Lab, run ${id}` }
}

/** As part of a client id that people read. */
function plain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}._-]/gu, '-').slice(0, OWNER_CHARACTERS_MAX)
}
