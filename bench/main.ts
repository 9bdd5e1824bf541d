// Runs the benchmarks: each load against each broker, one after the other, everything fresh, and prints the tables.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { killChildren } from './children.ts'
import { describeProfiles } from './cpu-profile.ts'
import type { Load } from './generator/load.ts'
import { loads } from './loads/catalog.ts'
import { describeMachine } from './machine.ts'
import { type BrokerName, helpText, type Options, readOptions } from './options.ts'
import { findAedes } from './peers/aedes.ts'
import { findHoldfast } from './peers/holdfast.ts'
import { findMosquitto } from './peers/mosquitto.ts'
import type { Found, Missing } from './peers/peer.ts'
import { runLoad } from './run-load.ts'
import { describeLoad, describeMachineForPeople, type Row } from './table.ts'
import { removeTemporaryFolders } from './temporary-folder.ts'

const resultsFolder = join(import.meta.dirname, 'results')

process.on('exit', () => {
  killChildren()
  removeTemporaryFolders()
})
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const asked = readOptions(process.argv.slice(2))
switch (asked.at) {
  case 'help':
    print(helpText)
    break
  case 'list':
    print(loads.map(({ name, question }) => `${name.padEnd(26)} ${question}`).join('\n'))
    break
  case 'wrong':
    process.stderr.write(`bench: ${asked.why}\n\n${helpText}`)
    process.exitCode = 2
    break
  case 'run':
    await runAll(asked.options)
    break
}

async function runAll(options: Options): Promise<void> {
  const chosen = loads.filter(
    ({ name }) =>
      options.loadPrefixes.length === 0 || options.loadPrefixes.some(prefix => name.startsWith(prefix)),
  )
  if (chosen.length === 0) throw new Error(`no load is called ${options.loadPrefixes.join(', ')}; see --list`)
  const profileFolder = options.profile === 'on' ? newProfileFolder() : null
  const brokers = findBrokers(options, profileFolder)
  const machine = describeMachine()
  const versions = new Map([...brokers].map(([name, { version }]) => [name, version]))
  print(`${describeMachineForPeople(machine, versions)}\n`)

  const results: { load: string; rows: Row[] }[] = []
  for (const load of chosen) {
    const rows = await runOnEach(load, brokers, options)
    print(describeLoad(load, rows))
    results.push({ load: load.name, rows })
    if (options.jsonFile !== null) {
      const document = { machine, versions: Object.fromEntries(versions), options, results }
      writeFileSync(options.jsonFile, `${JSON.stringify(document, null, 2)}\n`)
    }
  }
  if (profileFolder !== null) print(describeProfiles(profileFolder))
  if (results.some(({ rows }) => rows.some(({ answer }) => answer.at === 'failed'))) process.exitCode = 1
}

async function runOnEach(load: Load, brokers: Map<BrokerName, Found>, options: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const [broker, found] of brokers) {
    rows.push({ broker, answer: await runLoad(load, found, options) })
  }
  return rows
}

function findBrokers(options: Options, profileFolder: string | null): Map<BrokerName, Found> {
  const { store, extraArguments } = options
  const finders: Record<BrokerName, () => Found | Missing> = {
    mosquitto: () => findMosquitto(options.mosquitto),
    aedes: findAedes,
    holdfast: () => findHoldfast({ store, profileFolder, extraArguments }),
  }
  const brokers = new Map<BrokerName, Found>()
  for (const name of options.brokers) {
    const found = finders[name]()
    if (found.at === 'found') brokers.set(name, found)
    else process.stderr.write(`bench: without ${name}: ${found.why}\n`)
  }
  if (brokers.size === 0) throw new Error('there is no broker to measure')
  return brokers
}

function newProfileFolder(): string {
  const folder = join(resultsFolder, `profile-${Date.now()}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
