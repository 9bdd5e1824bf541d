// A metric as a value: its name, what it says, and how it is read when somebody asks.

export type Labels = Readonly<Record<string, string>>
export type Sample = readonly [labels: Labels, value: number]

/** What a histogram says at one time; bounds rise, and each `count` has those below it in it. */
export interface Distribution {
  readonly labels: Labels
  readonly within: readonly { readonly bound: number; readonly count: number }[]
  readonly sum: number
  readonly count: number
}

interface Described {
  /** By Prometheus' conventions: base units, the unit last, `_total` for what only grows. */
  readonly name: string
  /** One sentence. */
  readonly help: string
  /** What each label says: in words, or its values with a sentence for each. */
  readonly labels?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

export interface Numbers extends Described {
  readonly type: 'counter' | 'gauge'
  /** Undefined where it cannot be known: the metric then has no sample. */
  read(): number | undefined | Iterable<Sample>
}

export interface Distributions extends Described {
  readonly type: 'histogram'
  read(): Iterable<Distribution>
}

export type Family = Numbers | Distributions
