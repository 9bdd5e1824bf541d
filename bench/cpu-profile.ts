// Reads .cpuprofile files and names the functions that took most time themselves.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

type CallFrame = { functionName: string; url: string; lineNumber: number }
type Profile = {
  nodes: { id: number; callFrame: CallFrame }[]
  samples: number[]
  timeDeltas: number[]
}

const functionsShown = 25
const root = join(import.meta.dirname, '..')

/** A table for each profile in the folder: one per thread of the broker. */
export function describeProfiles(folder: string): string {
  return readdirSync(folder)
    .filter(name => name.endsWith('.cpuprofile'))
    .map(name => describeProfile(join(folder, name)))
    .join('\n')
}

function describeProfile(file: string): string {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const frameOf = new Map(profile.nodes.map(node => [node.id, node.callFrame]))
  const microsOf = new Map<string, number>()
  let busyMicros = 0
  profile.samples.forEach((nodeId, index) => {
    const frame = frameOf.get(nodeId)
    if (frame === undefined || frame.functionName === '(idle)') return
    const micros = profile.timeDeltas[index] ?? 0
    busyMicros += micros
    const place = placeOf(frame)
    microsOf.set(place, (microsOf.get(place) ?? 0) + micros)
  })
  const top = [...microsOf].sort((left, right) => right[1] - left[1]).slice(0, functionsShown)
  const rows = top.map(([place, micros]) => {
    const share = ((micros / busyMicros) * 100).toFixed(1).padStart(6)
    return `${share} %  ${(micros / 1000).toFixed(0).padStart(7)} ms  ${place}`
  })
  return [`self time in ${file}:`, ...rows, ''].join('\n')
}

function placeOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  if (url === '') return name
  const path = url.startsWith('file://') ? relative(root, fileURLToPath(url)) : url
  return `${name}  ${path}:${lineNumber + 1}`
}
