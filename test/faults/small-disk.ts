// A disk of a few megabytes for tests that fill one: a tmpfs, which only root may mount.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly directory: string
  resize(size: string): void
  unmount(): void
}

/** Why there is none, in a sentence, where the mount is refused. */
export function mountSmallDisk(size: string): SmallDisk | string {
  if (process.getuid?.() !== 0) return 'only root may mount a small disk to fill'
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-small-disk-'))
  const problem = mount(directory, `size=${size}`)
  if (problem !== undefined) {
    rmdirSync(directory)
    return `a small disk to fill could not be mounted: ${problem}`
  }
  return {
    directory,
    resize: to => {
      const failed = mount(directory, `remount,size=${to}`)
      if (failed !== undefined) throw new Error(failed)
    },
    unmount: () => {
      spawnSync('umount', ['--lazy', directory])
      rmdirSync(directory)
    },
  }
}

function mount(directory: string, options: string): string | undefined {
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory])
  if (error !== undefined) return error.message
  return status === 0 ? undefined : stderr.toString().trim()
}
