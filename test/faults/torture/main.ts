// `npm run torture`: kills or cuts the power of a broker under load, and says what it has lost.

import { writeFileSync } from 'node:fs'
import { helpText, type Options, readOptions } from './options.ts'
import { whyNoPowerCuts } from './power-cut/power-cut.ts'
import { findSubject } from './subjects.ts'
import { torture } from './torture.ts'
import { describeResult, isClean } from './verdict.ts'

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const asked = readOptions(process.argv.slice(2))
if (asked.at === 'help') console.log(helpText)
else if (asked.at === 'wrong') refuse(asked.why)
else await run(asked.options)

async function run(options: Options): Promise<void> {
  const subject = findSubject(options.peer, options.durability)
  if ('why' in subject) {
    refuse(subject.why)
    return
  }
  const problem = options.cuts > 0 ? whyNoPowerCuts() : undefined
  if (problem !== undefined) {
    refuse(problem)
    return
  }
  const { seed, kills, cuts, minutes } = options
  console.log(`${subject.title}: ${kills} kills, ${cuts} power cuts, --seed ${seed}`)
  const result = await torture({ subject, seed, kills, cuts, minutes, progress: line => console.log(line) })
  console.log(describeResult(result))
  if (options.jsonFile !== undefined) {
    writeFileSync(options.jsonFile, `${JSON.stringify(result, undefined, 2)}\n`)
  }
  process.exitCode = isClean(result) ? 0 : 1
}

function refuse(why: string): void {
  console.error(`torture: ${why}`)
  process.exitCode = 2
}
