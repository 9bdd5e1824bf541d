// The terminal of this process: its size, a line typed by whoever sits there, and single keys.

import { createInterface } from 'node:readline/promises'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Terminal } from './command.ts'
import { typedUnseen } from './typed-unseen.ts'

const COLUMNS_USUAL = 80
const ROWS_USUAL = 24

export function terminalOf(input: ReadStream, output: WriteStream, prompts: NodeJS.WritableStream): Terminal {
  return {
    get columns() {
      return output.columns || COLUMNS_USUAL
    },
    get rows() {
      return output.rows || ROWS_USUAL
    },
    ask: async question => {
      const lines = createInterface({ input, output: prompts })
      try {
        const ended = new Promise<undefined>(resolve => lines.once('close', () => resolve(undefined)))
        return await Promise.race([lines.question(question), ended])
      } finally {
        lines.close()
      }
    },
    askUnseen: question => {
      prompts.write(question)
      return typedUnseen(heard => rawKeys(input, heard)).finally(() => prompts.write('\n'))
    },
    keys: heard => rawKeys(input, heard),
    resized: heard => {
      output.on('resize', heard)
      return () => output.off('resize', heard)
    },
  }
}

function rawKeys(input: ReadStream, heard: (key: string) => void): () => void {
  const onData = (chunk: Buffer): void => heard(chunk.toString('utf8'))
  input.setRawMode(true)
  input.on('data', onData)
  input.resume()
  return () => {
    input.off('data', onData)
    input.setRawMode(false)
    input.pause()
  }
}
