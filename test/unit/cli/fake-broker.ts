// A process that runs the real command line over a broker which only pretends; FAKE says how it behaves.

import { runCli } from '../../../server/cli.ts'

const behaviour = process.env['FAKE'] ?? ''
/** Keeps the process alive as sockets would, and ends it should its test never do so. */
const alive = setTimeout(() => process.exit(99), 20_000)

function stop(): Promise<void> {
  if (behaviour === 'hangs') return new Promise(() => undefined)
  if (behaviour === 'slow-stop') return new Promise(resolve => setTimeout(resolve, 100))
  return behaviour === 'stop-fails' ? Promise.reject(new Error('disk gone')) : Promise.resolve()
}

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  environment: {},
  readFile: () => '',
  workingDirectory: process.cwd(),
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  stdoutIsTerminal: behaviour === 'terminal',
  loadBroker: async () => ({
    startBroker: async (settings, log) => {
      log.debug('fake', { port: settings.mqttPort })
      if (behaviour === 'in-use') {
        throw Object.assign(new Error('listen EADDRINUSE'), {
          code: 'EADDRINUSE',
          address: '::1',
          port: 1883,
        })
      }
      if (behaviour === 'throws-later') setTimeout(() => JSON.parse('{'), 20)
      if (behaviour === 'rejects-later') setTimeout(() => void Promise.reject(new Error('lost')), 20)
      return {
        listeners: [
          { listener: 'tcp', url: 'mqtt://127.0.0.1:1' },
          { listener: 'http', url: 'http://127.0.0.1:2', mqttUrl: 'ws://127.0.0.1:2/mqtt' },
        ],
        setupLink: undefined,
        stop,
      }
    },
  }),
})
clearTimeout(alive)
