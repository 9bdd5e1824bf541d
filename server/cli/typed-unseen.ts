// A line made of the keys that somebody presses, for what must not show on the screen.

const ENTER = /[\r\n]/
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CTRL_U = '\u0015'
const BACKSPACES: ReadonlySet<string> = new Set(['\u007f', '\b'])

/** `listen` hands over keys, or several at once when they were pasted. Undefined when the person gave up. */
export function typedUnseen(
  listen: (heard: (keys: string) => void) => () => void,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  let typed: readonly string[] = []
  const stop = listen(keys => {
    // An arrow or another key that has no character.
    if (keys.startsWith('\u001b')) return
    for (const character of keys) {
      if (ENTER.test(character)) return resolve(typed.join(''))
      if (character === CTRL_C || (character === CTRL_D && typed.length === 0)) return resolve(undefined)
      if (BACKSPACES.has(character)) typed = typed.slice(0, -1)
      else if (character === CTRL_U) typed = []
      else if (character >= ' ') typed = [...typed, character]
    }
  })
  return promise.finally(stop)
}
