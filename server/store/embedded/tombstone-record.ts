// A tombstone as one row of the database: a line of JSON, and the numbers of the messages that were taken out of a queue.

import { crc32 } from 'node:zlib'
import type { Epitaph } from '../tombstone.ts'
import { seal, sealDamage } from './sealed-line.ts'
import { decodeSeqs } from './seqs.ts'

const TOMBSTONE_VERSION = 1

export interface TombstoneRecord {
  /** Of the session's queue. */
  readonly number: number
  readonly epitaph: Epitaph
  /** None of a session. */
  readonly seqs: readonly number[]
}

/** `seqs` as it stands beside the record, which has the checksum of it. */
export function encodeTombstone(number: number, epitaph: Epitaph, seqs: Uint8Array | null): string {
  const seqsChecksum = seqs === null ? undefined : crc32(seqs)
  return seal(TOMBSTONE_VERSION, { ...epitaph, number, seqsChecksum })
}

/** The tombstone, or why the row cannot be trusted. */
export function readTombstone(row: Readonly<Record<string, unknown>>): TombstoneRecord | string {
  const text = String(row['record'])
  const damage = sealDamage(text, TOMBSTONE_VERSION)
  if (damage !== undefined) return damage
  const { version: _known, checksum: _checked, number, seqsChecksum, ...epitaph } = JSON.parse(text)
  if (row['id'] !== epitaph.id || row['number'] !== number || row['what'] !== epitaph.what)
    return 'it is not the one that its row says'
  const { seqs } = row
  const found = seqs instanceof Uint8Array ? crc32(seqs) : undefined
  if (found !== seqsChecksum) return 'the checksum of its messages does not match'
  return { number, epitaph, seqs: decodeSeqs(seqs) }
}
