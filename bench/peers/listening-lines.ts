// Reads from a broker's output where it listens: one JSON line per listener, then one that says "ready".
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Listeners = { tcpPort: number; webSocketPort: number; webSocketPath: string }

const readyTimeoutMs = 20_000
/** Last lines of output kept for the message when the broker does not start. */
const linesKept = 10

type Line = { msg?: string; listener?: string; url?: string; mqttUrl?: string }

export function readListeners(child: ChildProcess): Promise<Listeners> {
  return new Promise((resolve, reject) => {
    const listeners: Listeners = { tcpPort: 0, webSocketPort: 0, webSocketPath: '' }
    const lastLines: string[] = []
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(new Error(`the broker did not start: ${why}\n${lastLines.join('\n')}`))
    }
    const timer = setTimeout(() => fail(`not ready within ${readyTimeoutMs} ms`), readyTimeoutMs)
    child.once('exit', code => fail(`it exited with ${code}`))
    child.once('error', error => fail(error.message))
    if (child.stdout === null) return fail('its output is not piped')
    // The lines are read to the end of the process, as a full pipe would stop the broker.
    createInterface({ input: child.stdout }).on('line', text => {
      lastLines.push(text)
      if (lastLines.length > linesKept) lastLines.shift()
      if (takeLine(parseLine(text), listeners) === 'ready') {
        clearTimeout(timer)
        resolve(listeners)
      }
    })
  })
}

function takeLine(line: Line, listeners: Listeners): 'ready' | 'more' {
  if (line.msg === 'ready') return 'ready'
  if (line.msg === 'listening' && line.listener === 'tcp' && line.url !== undefined) {
    listeners.tcpPort = Number(new URL(line.url).port)
  }
  if (line.msg === 'listening' && line.mqttUrl !== undefined) {
    const url = new URL(line.mqttUrl)
    listeners.webSocketPort = Number(url.port)
    listeners.webSocketPath = url.pathname
  }
  return 'more'
}

function parseLine(text: string): Line {
  if (!text.startsWith('{')) return {}
  return JSON.parse(text) as Line
}
