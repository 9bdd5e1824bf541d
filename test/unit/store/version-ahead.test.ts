// Versions that are written ahead: whatever the last write was, no version that was told is beyond it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBeyondWritten, versionAhead } from '../../../server/store/version-ahead.ts'

test('each version is covered by what was written when it was needed, and after a start by what is written then', () => {
  let version = 1
  let written = versionAhead(version)
  let writes = 0
  for (let change = 0; change < 2_000; change++) {
    // The broker starts anew now and then, and goes on from what it finds.
    if (change % 777 === 776) {
      assert.ok(written >= version)
      version = written
    }
    version++
    if (!isBeyondWritten(version)) continue
    written = versionAhead(version)
    writes++
  }
  assert.ok(written >= version)
  assert.ok(writes < 12, `${writes} writes`)
})
