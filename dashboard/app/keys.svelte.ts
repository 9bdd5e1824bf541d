// The keys of the console: the frame and the pages bind theirs while they are there, and the sheet behind ? shows them all.

import { untrack } from 'svelte'
import { keyName, sequenceOf, writesCharacters } from './key-names.ts'

export interface KeyBinding {
  /** `j`, `Shift+c`, `Enter`, `Space`, `?`; one after the other with a space between: `g s`. */
  readonly keys: string
  /** What it does, for the sheet: `Next row`. Bindings with the same words stand on one line. */
  readonly does: string
  readonly run: (event: KeyboardEvent) => void
  /** Also while somebody writes in a field. */
  readonly inFields?: boolean
  /** Not while the focus is in what this selects, where the key is somebody else's. */
  readonly notIn?: string
  /** Only while the focus is in what this selects: beside a list, whose keys they are otherwise. */
  readonly onlyIn?: string | undefined
}

interface Bound extends KeyBinding {
  readonly group: string
}

const OFF_KEY = 'holdfast.keys'
/** How long the second key of two may take. */
const NEXT_KEY_MS = 1_500

const fields =
  'input:not([type="checkbox"]):not([type="radio"]):not([type="button"]), textarea, select, [contenteditable]'
/** What does something of its own when it has the focus and Enter or Space is pressed. */
const pressed = 'a[href], button, summary, input, label'

class Keys {
  #groups = $state.raw<readonly (readonly Bound[])[]>([])
  #areOn = $state.raw(localStorage.getItem(OFF_KEY) !== 'off')
  #isSheetShown = $state.raw(false)
  #typed: readonly string[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  /** All that are bound now, by the words of their group. */
  readonly sheet: ReadonlyMap<string, readonly KeyBinding[]> = $derived(
    Map.groupBy(this.#groups.flat(), ({ group }) => group),
  )

  /** Whether single characters do anything; others, like Enter and the arrows, always do. */
  get areOn(): boolean {
    return this.#areOn
  }

  switch(on: boolean): void {
    this.#areOn = on
    if (on) localStorage.removeItem(OFF_KEY)
    else localStorage.setItem(OFF_KEY, 'off')
  }

  get isSheetShown(): boolean {
    return this.#isSheetShown
  }

  showSheet(isShown: boolean): void {
    this.#isSheetShown = isShown
  }

  /** What was bound last comes first. Returns what ends it. */
  bind(group: string, bindings: readonly KeyBinding[]): () => void {
    const bound = bindings.map(binding => ({ ...binding, group }))
    this.#groups = [...untrack(() => this.#groups), bound]
    return () => {
      this.#groups = this.#groups.filter(one => one !== bound)
    }
  }

  /** Returns what ends it. */
  start(): () => void {
    const listen = (event: KeyboardEvent): void => this.#press(event)
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }

  #press(event: KeyboardEvent): void {
    const name = keyName(event)
    const target = event.target instanceof Element ? event.target : document.body
    // A dialog has the keyboard for itself.
    if (name === undefined || event.defaultPrevented || document.querySelector('dialog[open]') !== null)
      return
    if (/^(Enter|Space)$/.test(name) && target.closest(pressed) !== null) return
    const isWriting = target.closest(fields) !== null
    const binding =
      this.#find([...this.#typed, name], target, isWriting) ?? this.#find([name], target, isWriting)
    clearTimeout(this.#timer)
    this.#typed = []
    if (binding !== undefined) {
      event.preventDefault()
      binding.run(event)
    } else if (!isWriting && this.#begins(name)) {
      this.#typed = [name]
      this.#timer = setTimeout(() => {
        this.#typed = []
      }, NEXT_KEY_MS)
    }
  }

  #find(typed: readonly string[], target: Element, isWriting: boolean): KeyBinding | undefined {
    const keys = typed.join(' ')
    return this.#groups
      .flat()
      .findLast(
        binding =>
          binding.keys === keys &&
          (!isWriting || binding.inFields === true) &&
          (binding.notIn === undefined || target.closest(binding.notIn) === null) &&
          (binding.onlyIn === undefined || target.closest(binding.onlyIn) !== null) &&
          (this.#areOn || !writesCharacters(keys)),
      )
  }

  #begins(name: string): boolean {
    if (!this.#areOn) return false
    return this.#groups.flat().some(({ keys }) => {
      const [first, second] = sequenceOf(keys)
      return second !== undefined && first === name
    })
  }
}

export const keys = new Keys()
