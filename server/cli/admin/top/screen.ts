// The terminal as a screen of its own, which is put back as it was however `top` ends.

import type { CliContext, Terminal } from '../../command.ts'

const ESC = '\u001b'
const ALTERNATE_SCREEN = `${ESC}[?1049h`
const MAIN_SCREEN = `${ESC}[?1049l`
const HIDE_CURSOR = `${ESC}[?25l`
const SHOW_CURSOR = `${ESC}[?25h`
const HOME = `${ESC}[H`
const CLEAR_TO_END_OF_LINE = `${ESC}[K`
const CLEAR_BELOW = `${ESC}[J`

export class Screen {
  readonly #out: CliContext['out']
  readonly #stops: readonly (() => void)[]
  #isOpen = true

  constructor(
    out: CliContext['out'],
    terminal: Terminal,
    heard: { readonly key: (key: string) => void; readonly resized: () => void },
  ) {
    this.#out = out
    const onExit = (): void => this.close()
    // Signals end the process without coming back to whoever opened this.
    const onSignal = (): void => process.exit(1)
    process.once('exit', onExit)
    process.once('SIGTERM', onSignal)
    process.once('SIGHUP', onSignal)
    out(ALTERNATE_SCREEN + HIDE_CURSOR)
    this.#stops = [
      terminal.keys(heard.key),
      terminal.resized(heard.resized),
      () => {
        process.off('exit', onExit).off('SIGTERM', onSignal).off('SIGHUP', onSignal)
      },
    ]
  }

  /** Lines must hold nothing that steers a terminal. */
  draw(lines: readonly string[]): void {
    if (this.#isOpen)
      this.#out(HOME + lines.map(line => line + CLEAR_TO_END_OF_LINE).join('\r\n') + CLEAR_BELOW)
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const stop of this.#stops) stop()
    this.#out(SHOW_CURSOR + MAIN_SCREEN)
  }
}
