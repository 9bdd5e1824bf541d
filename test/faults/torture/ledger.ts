// What was acknowledged and what was delivered; the difference is what the torture looks for.

/** Examples shown for each kind of fault. */
const EXAMPLES_MAX = 5

/** All messages of one publisher on one topic; a message is its place in here. */
export interface Stream {
  readonly id: number
  readonly topic: string
  readonly qos: 1 | 2
  /** When each was first sent, and when it was acknowledged: ticks of the ledger's clock, 0 for never. */
  readonly sentAt: number[]
  readonly acknowledgedAt: number[]
}

interface Arrivals {
  readonly times: Map<number, number>
  latest: number
}

/** One session, or one shared group, that is owed messages. */
export interface Account {
  readonly name: string
  readonly qos: 1 | 2
  /** A shared group has no order among its members. */
  readonly isOrdered: boolean
  /** Once set, what is sent later must arrive. */
  readonly filters: { readonly filter: string; readonly since: number }[]
  readonly arrivals: Map<number, Arrivals>
}

export interface MessageFigures {
  sent: number
  acknowledged: number
  deliveries: number
  /** Acknowledged to the publisher, owed to an account, and never delivered to it. */
  lost: number
  /** Messages that at least one account lost. */
  lostMessages: number
  qos2Duplicates: number
  orderViolations: number
  /** QoS 1 messages that came again: allowed, and shown to tell how often. */
  repeated: number
  damaged: number
}

export class Ledger {
  readonly #streams: Stream[] = []
  readonly #accounts: Account[] = []
  #now = 0
  readonly examples: string[] = []
  readonly figures: MessageFigures = {
    sent: 0,
    acknowledged: 0,
    deliveries: 0,
    lost: 0,
    lostMessages: 0,
    qos2Duplicates: 0,
    orderViolations: 0,
    repeated: 0,
    damaged: 0,
  }

  /** Grows with every call: order, not time. */
  tick(): number {
    return ++this.#now
  }

  stream(topic: string, qos: 1 | 2): Stream {
    const stream: Stream = { id: this.#streams.length, topic, qos, sentAt: [], acknowledgedAt: [] }
    this.#streams.push(stream)
    return stream
  }

  account(name: string, qos: 1 | 2, isOrdered: boolean): Account {
    const account: Account = { name, qos, isOrdered, filters: [], arrivals: new Map() }
    this.#accounts.push(account)
    return account
  }

  /** A new message, about to be sent for the first time. */
  send(stream: Stream, padding: number): { readonly counter: number; readonly payload: Buffer } {
    const counter = stream.sentAt.push(this.tick()) - 1
    stream.acknowledgedAt.push(0)
    this.figures.sent++
    const payload = Buffer.from(`${stream.id} ${counter} ${padding} ${'x'.repeat(padding)}`)
    return { counter, payload }
  }

  acknowledge(stream: Stream, counter: number): void {
    if (stream.acknowledgedAt[counter] !== 0) return
    stream.acknowledgedAt[counter] = this.tick()
    this.figures.acknowledged++
  }

  subscribe(account: Account, filter: string): void {
    if (account.filters.every(one => one.filter !== filter)) {
      account.filters.push({ filter, since: this.tick() })
    }
  }

  deliver(account: Account, topic: string, payload: Buffer): void {
    this.figures.deliveries++
    const [id = '', count = '', length = '', padding = ''] = payload.toString().split(' ')
    const stream = this.#streams[Number(id)]
    const counter = Number(count)
    const isWhole = padding.length === Number(length) && /^x*$/.test(padding)
    if (stream === undefined || stream.topic !== topic || !(counter < stream.sentAt.length) || !isWhole) {
      this.figures.damaged++
      this.example(`${account.name} was sent something nobody published: ${topic} ${payload.subarray(0, 40)}`)
      return
    }
    this.#arrive(account, stream, counter)
  }

  #arrive(account: Account, stream: Stream, counter: number): void {
    let arrivals = account.arrivals.get(stream.id)
    if (arrivals === undefined) {
      arrivals = { times: new Map(), latest: -1 }
      account.arrivals.set(stream.id, arrivals)
    }
    const times = (arrivals.times.get(counter) ?? 0) + 1
    arrivals.times.set(counter, times)
    const what = `${stream.topic} ${counter} (QoS ${stream.qos}) to ${account.name}`
    if (times > 1 && stream.qos === 2 && account.qos === 2) {
      this.figures.qos2Duplicates++
      this.example(`twice: ${what}`)
    } else if (times > 1) this.figures.repeated++
    else if (counter < arrivals.latest && account.isOrdered) {
      this.figures.orderViolations++
      this.example(`out of order: ${what}, after ${arrivals.latest}`)
    }
    arrivals.latest = Math.max(arrivals.latest, counter)
  }

  /** After everybody has come back and nothing moves any more. */
  settle(): MessageFigures {
    for (const stream of this.#streams) {
      const lost = new Set(this.#accounts.flatMap(account => this.#lostIn(account, stream)))
      this.figures.lostMessages += lost.size
    }
    return this.figures
  }

  #lostIn(account: Account, stream: Stream): number[] {
    const matching = account.filters.filter(({ filter }) => matches(filter, stream.topic))
    if (matching.length === 0) return []
    const lost: number[] = []
    const since = Math.min(...matching.map(one => one.since))
    const times = account.arrivals.get(stream.id)?.times
    for (let counter = 0; counter < stream.sentAt.length; counter++) {
      const isOwed = stream.acknowledgedAt[counter] !== 0 && stream.sentAt[counter]! > since
      if (!isOwed || times?.has(counter) === true) continue
      lost.push(counter)
      this.example(`lost: ${stream.topic} ${counter} (QoS ${stream.qos}) to ${account.name}`)
    }
    this.figures.lost += lost.length
    return lost
  }

  example(text: string): void {
    const kind = text.slice(0, text.indexOf(':'))
    if (this.examples.filter(one => one.startsWith(kind)).length < EXAMPLES_MAX) this.examples.push(text)
  }
}

function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  if (wanted.at(-1) === '#') {
    return wanted.slice(0, -1).every((level, index) => level === '+' || level === levels[index])
  }
  return (
    wanted.length === levels.length &&
    wanted.every((level, index) => level === '+' || level === levels[index])
  )
}
