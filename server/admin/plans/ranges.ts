// Rising numbers as text: `3-7,12`; how a plan keeps which messages of a queue it means.

export function formatRanges(numbers: readonly number[]): string {
  const parts: string[] = []
  for (let index = 0; index < numbers.length; index++) {
    const first = numbers[index]!
    let last = first
    while (numbers[index + 1] === last + 1) {
      last++
      index++
    }
    parts.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return parts.join(',')
}

/** Of what `formatRanges` wrote. */
export function parseRanges(text: string): readonly number[] {
  const numbers: number[] = []
  for (const part of text === '' ? [] : text.split(',')) {
    const [first = '', last = first] = part.split('-')
    for (let number = Number(first); number <= Number(last); number++) numbers.push(number)
  }
  return numbers
}
