// A session's version as it is written: ahead of what it is, so that a change of subscriptions needs no record of its own.

/** Changes that one write covers; after a start the version goes on from the next multiple. */
const AHEAD = 256

/** No version that anybody was told is higher. */
export function versionAhead(version: number): number {
  return Math.ceil(version / AHEAD) * AHEAD
}

/** The version has just become one higher, and what was written before does not cover it. */
export function isBeyondWritten(version: number): boolean {
  return (version - 1) % AHEAD === 0
}
