// A mosquitto beside the broker under test, as a control: what holds for one must hold for the other.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, before } from 'node:test'
import { type Endpoints, type LogLine, launchMosquitto } from './broker-program.ts'
import { requireProgram } from './programs.ts'
import { temporaryDirectory } from './store-files.ts'

export interface FileMosquitto {
  /** For the options of each test: why it cannot run here, or false. */
  readonly skip: string | false
  /** Once the tests run. */
  readonly endpoints: Endpoints
}

/** One for all tests of a file, on free ports and with nothing in its store. */
export async function mosquittoForFile(): Promise<FileMosquitto> {
  const program = await requireProgram('mosquitto')
  let running: { readonly child: ChildProcess; readonly endpoints: Endpoints } | undefined
  before(async () => {
    if ('path' in program) running = await start()
  })
  after(() => {
    running?.child.kill('SIGKILL')
  })
  return {
    skip: 'skip' in program ? program.skip : false,
    get endpoints() {
      assert.ok(running, 'mosquitto has not been started: use it inside tests')
      return running.endpoints
    },
  }
}

async function start(): Promise<{ readonly child: ChildProcess; readonly endpoints: Endpoints }> {
  const dataDirectory = temporaryDirectory()
  const { command, args, readEndpoints } = await launchMosquitto({
    settings: {},
    dataDirectory,
    endpoints: undefined,
  })
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const lines: LogLine[] = []
  for await (const msg of createInterface({ input: child.stderr })) {
    lines.push({ msg })
    const endpoints = readEndpoints(lines)
    if (endpoints === undefined) continue
    // What it says from here on is read, too, or it would wait for that some day.
    child.stderr.resume()
    return { child, endpoints }
  }
  throw new Error(`mosquitto did not start: ${lines.map(line => String(line.msg)).join('\n')}`)
}
