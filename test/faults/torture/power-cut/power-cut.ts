// Cuts the power of a killed broker: replaces its data directory by what had been synced before.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SeededRandom } from '../../../fuzz/seeded-random.ts'
import { Replay, type Snapshot, wholeLength } from './replay.ts'

/** SQLite's index of its log is shared memory, and made anew after every crash. */
const notKept = /-shm$/

/** The kill may fall between a call and its record; one call of SQLite or Node writes no more than this. */
const oneCallBytesMax = 128 * 1024

export interface CutResult {
  /** Bytes of files that were there for the process, and are not after the cut. */
  readonly bytesLost: number
  readonly tornPercent: number
}

/** A sentence that says why power cuts cannot be made on this machine; undefined where they can. */
export function whyNoPowerCuts(): string | undefined {
  if (process.platform !== 'linux') return 'power cuts need Linux: they are made with LD_PRELOAD'
  const { status } = spawnSync('gcc', ['--version'], { stdio: 'ignore' })
  return status === 0 ? undefined : 'power cuts need gcc, to compile test/faults/torture/power-cut/journal.c'
}

export class PowerCut {
  readonly #directory: string
  readonly #library: string
  readonly #journal: string
  #before: Snapshot

  /** `workDirectory` takes the compiled library and the journal. */
  constructor(directory: string, workDirectory: string) {
    this.#directory = directory
    this.#library = join(workDirectory, 'journal.so')
    this.#journal = join(workDirectory, 'journal')
    const source = join(import.meta.dirname, 'journal.c')
    execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', this.#library, source, '-ldl', '-lpthread'])
    this.#before = snapshotOf(directory)
  }

  /** What the broker's process is started with. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      POWER_CUT_DIRECTORY: this.#directory,
      POWER_CUT_JOURNAL: this.#journal,
      // Writes through io_uring would not pass the library.
      UV_USE_IO_URING: '0',
      // Node closes the files of its compile cache past the library, which then takes others under their numbers for them.
      NODE_DISABLE_COMPILE_CACHE: '1',
    }
  }

  /** Before every start: a process that was killed may have left half a record. */
  tidy(): void {
    if (!existsSync(this.#journal)) return
    truncateSync(this.#journal, wholeLength(readFileSync(this.#journal)))
  }

  /** The broker has been killed. Throws when the journal does not explain the files as they are. */
  cut(random: SeededRandom, tornPercent: number): CutResult {
    const journal = readFileSync(this.#journal)
    this.#requireComplete(journal, random)
    const left = snapshotOf(this.#directory)
    const kept = new Replay(this.#before, journal).cut(random, tornPercent)
    for (const name of left.keys()) rmSync(join(this.#directory, name))
    for (const [name, bytes] of kept) writeFileSync(join(this.#directory, name), bytes, { mode: 0o600 })
    writeFileSync(this.#journal, '')
    this.#before = snapshotOf(this.#directory)
    let bytesLost = 0
    for (const [name, { bytes }] of left) bytesLost += differentBytes(bytes, kept.get(name))
    return { bytesLost, tornPercent }
  }

  #requireComplete(journal: Buffer, random: SeededRandom): void {
    const replay = new Replay(this.#before, journal)
    if (replay.unseen.length > 0) throw new Error(`the journal cannot show: ${replay.unseen.join(', ')}`)
    const expected = replay.asLeft(random)
    const found = snapshotOf(this.#directory)
    const different = [...new Set([...expected.keys(), ...found.keys()])].filter(name => {
      const bytes = found.get(name)?.bytes
      return bytes === undefined || !expected.get(name)?.equals(bytes)
    })
    const [first = ''] = different
    const none = Buffer.alloc(0)
    const span = differentSpan(expected.get(first) ?? none, found.get(first)?.bytes ?? none)
    if (different.length < 2 && span <= oneCallBytesMax) return
    throw new Error(
      `the journal does not explain ${different.join(', ')}: the power-cut library misses calls`,
    )
  }
}

function snapshotOf(directory: string): Snapshot {
  const files = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isFile())
  return new Map(
    files
      .filter(({ name }) => !notKept.test(name))
      .map(({ name }) => {
        const path = join(directory, name)
        return [name, { inode: statSync(path).ino, bytes: readFileSync(path) }]
      }),
  )
}

function differentBytes(bytes: Buffer, kept: Buffer | undefined): number {
  if (kept === undefined) return bytes.length
  let different = Math.max(0, bytes.length - kept.length)
  for (let at = 0; at < Math.min(bytes.length, kept.length); at += 512) {
    if (!bytes.subarray(at, at + 512).equals(kept.subarray(at, at + 512))) different += 512
  }
  return different
}

/** From the first byte that differs to the last. */
function differentSpan(one: Buffer, other: Buffer): number {
  const longest = Math.max(one.length, other.length)
  let from = 0
  while (from < longest && one[from] === other[from]) from++
  let to = longest
  while (to > from && one[to - 1] === other[to - 1]) to--
  return to - from
}
