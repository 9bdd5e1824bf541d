// Why something between this page and the broker did not go as it should, in words for whoever looks at the page.

export class Problem extends Error {
  /** What to do about it, where that is known. */
  readonly advice: string | undefined

  constructor(sentence: string, advice?: string) {
    super(sentence)
    this.advice = advice
  }
}

/** There was no connection at all: a browser says neither why nor how far it came. */
export class NotConnected extends Problem {}
