// Globs of the filter grammar: `*` is any run of characters, `?` is one, `\` takes the meaning from the next.
//
// The runs between stars are looked for one after the other, each at the first place where it fits; no run is ever
// looked for again, so the work is bounded by the length of the text times that of the glob.

export type TextPredicate = (text: string) => boolean

export function compileGlob(glob: string): TextPredicate {
  const runs = splitAtStars(glob)
  const first = runs[0]!
  const last = runs.at(-1)!
  if (runs.length === 1) return text => text.length === first.length && matchesAt(text, 0, first)
  const inner = runs.slice(1, -1).filter(run => run.length > 0)
  const lengthMin = runs.reduce((sum, run) => sum + run.length, 0)
  if (inner.length === 0 && last.length === 0) return text => startsWith(text, first)
  if (inner.length === 0 && first.length === 0) return text => endsWith(text, last)
  return text => {
    if (text.length < lengthMin || !startsWith(text, first) || !endsWith(text, last)) return false
    const end = text.length - last.length
    let from = first.length
    for (const run of inner) {
      const at = find(text, run, from, end)
      if (at === -1) return false
      from = at + run.length
    }
    return true
  }
}

/** Text between two stars; `any` has the positions of question marks, where anything stands. */
interface Run {
  readonly text: string
  readonly length: number
  readonly any: ReadonlySet<number> | undefined
}

function splitAtStars(glob: string): readonly Run[] {
  const runs: Run[] = []
  let text = ''
  let any = new Set<number>()
  const finish = (): void => {
    runs.push({ text, length: text.length, any: any.size === 0 ? undefined : any })
    text = ''
    any = new Set()
  }
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at]!
    if (character === '*') finish()
    else if (character === '\\') text += glob[++at] ?? ''
    else {
      if (character === '?') any.add(text.length)
      text += character
    }
  }
  finish()
  return runs
}

function startsWith(text: string, run: Run): boolean {
  return run.any === undefined ? text.startsWith(run.text) : matchesAt(text, 0, run)
}

function endsWith(text: string, run: Run): boolean {
  if (run.any === undefined) return text.endsWith(run.text)
  return text.length >= run.length && matchesAt(text, text.length - run.length, run)
}

/** Where the run fits first in text[from, end); -1 when nowhere. */
function find(text: string, run: Run, from: number, end: number): number {
  if (run.any === undefined) {
    const at = text.indexOf(run.text, from)
    return at + run.length <= end ? at : -1
  }
  for (let at = from; at + run.length <= end; at++) if (matchesAt(text, at, run)) return at
  return -1
}

function matchesAt(text: string, at: number, { text: run, any }: Run): boolean {
  if (at + run.length > text.length) return false
  if (any === undefined) return text.startsWith(run, at)
  for (let index = 0; index < run.length; index++) {
    if (run[index] !== text[at + index] && !any.has(index)) return false
  }
  return true
}
