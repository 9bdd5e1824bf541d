// `start`: runs the broker in the foreground until a signal ends it.

import { after, type Clock, SystemClock } from '../clock.ts'
import { loadSettings } from '../config/load.ts'
import type { Settings } from '../config/schema.ts'
import type { Log, LogFormat } from '../log.ts'
import { createLog } from '../log.ts'
import type { CliContext, Command, Listener, RunningBroker } from './command.ts'
import { exitCodes } from './command.ts'
import { refuseSettings } from './config.ts'

/** What a broker may overrun its shutdown timeout by before the process ends without it. */
const SHUTDOWN_GRACE_MS = 2_000

/** Under `npm start` one Ctrl-C arrives twice, from the terminal and from npm; nobody means it twice this fast. */
const SAME_SIGNAL_MS = 300

export const start: Command = {
  name: 'start',
  group: 'Broker',
  usage: 'start [--config FILE] [SETTINGS]',
  summary: 'Start the broker in the foreground; SIGTERM or Ctrl-C stops it.',
  takesSettings: true,
  run: async (args, context) => {
    const loaded = loadSettings({ ...context, argv: args })
    if (!loaded.ok) return refuseSettings(loaded.problems, context)
    const { settings, sources } = loaded
    const format = formatOf(settings, context)
    const clock = new SystemClock()
    const log = createLog({ level: settings.logLevel, format, write: context.out, now: () => clock.now() })
    endOnOwnErrors(log)
    // From here on, for a signal may come while the store is still being opened.
    const signal = nextSignal(clock)
    let broker: RunningBroker
    try {
      const { startBroker } = await context.loadBroker()
      broker = await startBroker(settings, log, { sources })
    } catch (error) {
      log.error('cannot start', { reason: reasonNotToStart(error) })
      return exitCodes.failed
    }
    for (const listener of broker.listeners) announce(log, format, listener)
    if (broker.setupLink !== undefined) announceSetup(context, settings, log, format, broker.setupLink)
    log.info('ready')
    log.info('stopping', { signal: await signal })
    return stop(broker, settings, log)
  },
}

function formatOf(settings: Settings, context: CliContext): LogFormat {
  if (settings.logFormat !== 'auto') return settings.logFormat
  return context.stdoutIsTerminal ? 'text' : 'json'
}

/** After an error of our own nobody knows what still holds, so the process ends and its supervisor starts it anew. */
function endOnOwnErrors(log: Log): void {
  const end = (kind: string) => (error: unknown) => {
    log.error(kind, { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    process.exit(exitCodes.failed)
  }
  process.on('uncaughtException', end('uncaught exception'))
  process.on('unhandledRejection', end('unhandled rejection'))
}

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const

/** Resolves at the first signal; a second one ends the process at once. */
function nextSignal(clock: Clock): Promise<string> {
  return new Promise(resolve => {
    let askedAt: number | undefined
    const onSignal = (signal: keyof typeof signalNumbers): void => {
      if (askedAt === undefined) {
        askedAt = clock.now()
        resolve(signal)
      } else if (clock.now() - askedAt >= SAME_SIGNAL_MS) {
        process.exit(128 + signalNumbers[signal])
      }
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

async function stop(broker: RunningBroker, settings: Settings, log: Log): Promise<number> {
  const timeLimit = new Promise<'late'>(resolve =>
    after(settings.shutdownTimeoutMs + SHUTDOWN_GRACE_MS, () => resolve('late')),
  )
  try {
    if ((await Promise.race([broker.stop(), timeLimit])) === 'late') {
      log.error('did not stop in time', { shutdownTimeoutMs: settings.shutdownTimeoutMs })
      return exitCodes.failed
    }
  } catch (error) {
    log.error('did not stop cleanly', { reason: error instanceof Error ? error.message : String(error) })
    return exitCodes.failed
  }
  log.info('stopped')
  return exitCodes.done
}

function announce(log: Log, format: LogFormat, listener: Listener): void {
  if (format === 'json') {
    log.info('listening', { ...listener })
  } else if (listener.listener === 'admin') {
    log.info(`Console and admin API on ${listener.url}`)
  } else if (listener.mqttUrl === undefined) {
    log.info(`MQTT on ${listener.url}`)
  } else {
    log.info(`MQTT over WebSocket on ${listener.mqttUrl}, HTTP on ${listener.url}`)
  }
}

/**
 * The link is a secret for a day: it is for whoever sits at the terminal, and must not stay in a log that others
 * collect. A broker without a directory of its own has no other way to tell.
 */
function announceSetup(
  context: CliContext,
  settings: Settings,
  log: Log,
  format: LogFormat,
  link: string,
): void {
  if (format === 'text' && context.stdoutIsTerminal) {
    context.out(
      `\nNobody can log in yet. Make the first admin here (it works once, for a day):\n  ${link}\n\n`,
    )
  } else if (settings.store === 'memory') log.info('nobody can log in yet', { setupLink: link })
  else log.info('nobody can log in yet: `holdfast setup-link` prints where the first admin is made')
}

function reasonNotToStart(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, address, port } = error as Error & { code?: string; address?: string; port?: number }
  const where = `${address ?? 'the host'} port ${port ?? '?'}`
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program: stop that, or choose another mqtt-port, http-port or admin-port`
    case 'EACCES':
      return port === undefined ? error.message : `${where} needs privileges: choose a port above 1023`
    case 'EADDRNOTAVAIL':
      return `${address ?? 'the host'} is not an address of this machine: choose another host or admin-host`
    default:
      return error.message
  }
}
