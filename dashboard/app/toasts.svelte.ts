// What has just been done, said once and for a while, with a way back where there is one.

export interface Toast {
  readonly id: number
  readonly tone: 'good' | 'danger' | 'info'
  readonly text: string
  readonly action: { readonly word: string; readonly run: () => void } | undefined
  readonly link: { readonly word: string; readonly href: string } | undefined
}

/** Long enough to read it and to reach the button. */
const SHOWN_MS = 15_000
const TOASTS_MAX = 4

class Toasts {
  #all = $state.raw<readonly Toast[]>([])
  #lastId = 0

  get all(): readonly Toast[] {
    return this.#all
  }

  /** Returns how to change its words when more is known. */
  say(toast: Partial<Omit<Toast, 'id'>> & { readonly text: string }): (text: string) => void {
    const id = ++this.#lastId
    const whole: Toast = { tone: 'good', action: undefined, link: undefined, ...toast, id }
    this.#all = [...this.#all.slice(1 - TOASTS_MAX), whole]
    setTimeout(() => this.dismiss(id), SHOWN_MS)
    return text => {
      this.#all = this.#all.map(one => (one.id === id ? { ...one, text } : one))
    }
  }

  dismiss(id: number): void {
    this.#all = this.#all.filter(one => one.id !== id)
  }

  /** The newest act that can still be taken back: what the key `u` does. */
  get undo(): Toast | undefined {
    return this.#all.findLast(one => one.action?.word === 'Undo')
  }
}

export const toasts = new Toasts()
