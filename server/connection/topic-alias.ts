// Topic aliases of one connection, in both directions (5.0 section 3.3.2.3.4).

import { type Fault, fault } from '../protocol/fault.ts'
import type { Topic } from '../protocol/topic.ts'

/** Aliases the client has set, up to the Topic Alias Maximum it was told. */
export class IncomingAliases {
  readonly #max: number
  readonly #topics = new Map<number, Topic>()

  constructor(max: number) {
    this.#max = max
  }

  /** Sets the alias when `topic` is given, else finds what it stands for [MQTT5-3.3.2-12, MQTT5-3.3.2-7]. */
  resolve(alias: number, topic: Topic | undefined): Topic | Fault {
    if (alias > this.#max) return fault('topic-alias-invalid', `the topic alias is above ${this.#max}`)
    if (topic !== undefined) {
      this.#topics.set(alias, topic)
      return topic
    }
    return this.#topics.get(alias) ?? fault('protocol-error', `the topic alias ${alias} has not been set`)
  }
}

/** Aliases we have set: the first topics get one and keep it, as most clients see few topics often. */
export class OutgoingAliases {
  readonly #max: number
  readonly #aliases = new Map<Topic['name'], number>()

  constructor(max: number) {
    this.#max = max
  }

  /** Undefined when all aliases are taken. */
  aliasOf(topic: Topic): { readonly number: number; readonly is: 'new' | 'known' } | undefined {
    const known = this.#aliases.get(topic.name)
    if (known !== undefined) return { number: known, is: 'known' }
    if (this.#aliases.size >= this.#max) return undefined
    const number = this.#aliases.size + 1
    this.#aliases.set(topic.name, number)
    return { number, is: 'new' }
  }

  /** The packet that would have set it was not sent. */
  takeBack(topic: Topic): void {
    this.#aliases.delete(topic.name)
  }
}
