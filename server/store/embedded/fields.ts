// Reads the fields of one line of JSON, each once, and says which one is wrong.

/** Why a line cannot be taken in; `field` is a path such as `subscriptions[2].qos`. */
export class BadLine extends Error {
  readonly field: string

  constructor(field: string, problem: string) {
    super(problem)
    this.field = field
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/

export class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #read = new Set<string>()

  constructor(value: unknown, path = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new BadLine(path.replace(/\.$/, ''), 'must be an object')
    }
    this.#values = value as Readonly<Record<string, unknown>>
    this.#path = path
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined
  }

  isText(name: string): boolean {
    return typeof this.#values[name] === 'string'
  }

  text(name: string): string {
    const value = this.#take(name)
    if (typeof value !== 'string') throw this.bad(name, 'must be a text')
    if (!value.isWellFormed()) throw this.bad(name, 'contains a lone surrogate')
    return value
  }

  /** Text that MQTT can carry: no U+0000, at most 65,535 bytes. */
  mqttText(name: string): string {
    const value = this.text(name)
    if (value.includes('\u0000')) throw this.bad(name, 'contains U+0000')
    if (Buffer.byteLength(value) > 65_535) throw this.bad(name, 'is longer than 65535 bytes')
    return value
  }

  integer(name: string, least: number, most: number): number {
    const value = this.#take(name)
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
      throw this.bad(name, `must be a whole number from ${least} to ${most}`)
    }
    return value
  }

  flag(name: string): boolean {
    const value = this.#take(name)
    if (typeof value !== 'boolean') throw this.bad(name, 'must be true or false')
    return value
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#take(name)
    const found = choices.find(choice => choice === value)
    if (found === undefined) throw this.bad(name, `must be ${choices.join(' or ')}`)
    return found
  }

  /** Milliseconds since the Unix epoch. */
  time(name: string): number {
    const value = this.text(name)
    const time = ISO_TIME.test(value) ? Date.parse(value) : Number.NaN
    if (Number.isNaN(time)) throw this.bad(name, 'must be a time such as 2026-03-01T12:00:00.000Z')
    return time
  }

  optionalTime(name: string): number | undefined {
    return this.has(name) ? this.time(name) : undefined
  }

  bytes(name: string): Buffer {
    const value = this.#take(name)
    if (typeof value !== 'string' || !BASE64.test(value)) throw this.bad(name, 'must be base64')
    return Buffer.from(value, 'base64')
  }

  list(name: string): readonly unknown[] {
    const value = this.#take(name)
    if (!Array.isArray(value)) throw this.bad(name, 'must be a list')
    return value
  }

  objects(name: string): readonly Fields[] {
    return this.list(name).map((value, index) => new Fields(value, `${this.#path}${name}[${index}].`))
  }

  object(name: string): Fields {
    return new Fields(this.#take(name), `${this.#path}${name}.`)
  }

  integers(name: string, least: number, most: number): readonly number[] {
    return this.list(name).map((value, index) => {
      const isRight = Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
      if (!isRight) throw this.bad(`${name}[${index}]`, `must be a whole number from ${least} to ${most}`)
      return Number(value)
    })
  }

  /** To be called last: a field that nobody has read is one that nobody would keep. */
  end(): void {
    for (const name of Object.keys(this.#values)) {
      if (!this.#read.has(name)) throw this.bad(name, 'is not known')
    }
  }

  bad(name: string, problem: string): BadLine {
    return new BadLine(`${this.#path}${name}`, problem)
  }

  #take(name: string): unknown {
    this.#read.add(name)
    const value = this.#values[name]
    if (value === undefined) throw this.bad(name, 'is missing')
    return value
  }
}
