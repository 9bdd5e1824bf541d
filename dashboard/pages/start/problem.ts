// Why a step of the live check did not go as it should, in words for the person who looks at the page.

export class Problem extends Error {
  /** What to do about it, where that is known. */
  readonly advice: string | undefined

  constructor(sentence: string, advice?: string) {
    super(sentence)
    this.advice = advice
  }
}
