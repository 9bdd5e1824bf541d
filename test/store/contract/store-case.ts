// Registers one test of the contract suite: a fresh store, the checks, and everything closed and removed again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OpenedStore, type OpenStore, Subject } from './subject.ts'

export interface Given {
  readonly subject: Subject
  /** Closes the store and opens another on what it left. */
  reopen(): Promise<Subject>
}

export type StoreCase = (title: string, run: (given: Given) => Promise<void>, bytesMax?: number) => void

const BYTES_MAX = 1e9
/** A ticket that never settles must fail one test, not hang them all. */
const TIMEOUT_MS = 60_000

export function storeCase(engine: string, openStore: OpenStore): StoreCase {
  return (title, run, bytesMax = BYTES_MAX) => {
    test(`${engine} store: ${title}`, { timeout: TIMEOUT_MS }, async () => {
      const opened = await openStore({ bytesMax })
      let subject = await Subject.open(opened.store)
      const reopen = async (): Promise<Subject> => {
        subject = await reopened(opened, subject)
        return subject
      }
      try {
        await run({ subject, reopen })
      } finally {
        await subject.close()
        await opened.dispose?.()
      }
    })
  }
}

async function reopened(opened: OpenedStore, former: Subject): Promise<Subject> {
  assert.ok(opened.reopen !== undefined, 'the engine says that it survives reopening, but gives no way to')
  await former.close()
  return Subject.open(await opened.reopen())
}
