// Topic names as the broker holds them: bytes and text decoded once, found again by their bytes.

import { isUtf8 } from 'node:buffer'
import { TOPIC_CACHE_BYTES_MAX, TOPIC_CACHE_CHAIN_MAX, TOPIC_CACHE_TOPICS_MAX } from '../limits.ts'
import { type Fault, fault } from './fault.ts'

/** A valid topic name: well-formed UTF-8, not empty, no wildcards, within the limits of length and levels. */
export class Topic {
  readonly name: string
  readonly bytes: Buffer
  readonly hash: number
  /** `$SYS` is the broker's own: what clients publish there reaches nobody. */
  readonly isReserved: boolean
  /** The next topic with the same hash. */
  next: Topic | undefined = undefined
  /** Owned by the router: what the last match found, valid while `matchEpoch` is the router's. */
  match: unknown = undefined
  matchEpoch = -1

  constructor(name: string, bytes: Buffer, hash: number) {
    this.name = name
    this.bytes = bytes
    this.hash = hash
    this.isReserved = name === '$SYS' || name.startsWith('$SYS/')
  }
}

export interface TopicLimits {
  readonly topicBytesMax: number
  readonly topicLevelsMax: number
}

const PLUS = 0x2b
const SLASH = 0x2f
const HASH = 0x23

/**
 * Finds a topic by the bytes of a PUBLISH without decoding them again. Bounded: topics live in two halves,
 * and when the young half is full the old one is forgotten.
 */
export class TopicTable {
  readonly #limits: TopicLimits
  #young = new Map<number, Topic>()
  #old = new Map<number, Topic>()
  #youngCount = 0

  constructor(limits: TopicLimits) {
    this.#limits = limits
  }

  /** The topic whose name is `bytes[start, end)`, or why it is none [MQTT5-3.3.2-1, MQTT5-3.3.2-2, MQTT5-4.7.3-1]. */
  find(bytes: Uint8Array, start: number, end: number): Topic | Fault {
    const hash = hashOf(bytes, start, end)
    for (let topic = this.#young.get(hash); topic !== undefined; topic = topic.next) {
      if (sameBytes(topic.bytes, bytes, start, end)) return topic
    }
    for (let topic = this.#old.get(hash); topic !== undefined; topic = topic.next) {
      if (sameBytes(topic.bytes, bytes, start, end)) {
        return this.#remember(new Topic(topic.name, topic.bytes, hash))
      }
    }
    const own = Buffer.from(bytes.subarray(start, end))
    const problem = topicNameFault(own, this.#limits)
    if (problem !== undefined) return problem
    const topic = new Topic(own.toString('utf8'), own, hash)
    return own.length > TOPIC_CACHE_BYTES_MAX ? topic : this.#remember(topic)
  }

  /** The topic of a name that the caller has already checked. */
  of(name: string): Topic | Fault {
    const bytes = Buffer.from(name)
    return this.find(bytes, 0, bytes.length)
  }

  #remember(topic: Topic): Topic {
    const head = this.#young.get(topic.hash)
    topic.next = head
    let length = 1
    for (let link: Topic | undefined = topic; link !== undefined; link = link.next) {
      if (length++ >= TOPIC_CACHE_CHAIN_MAX) link.next = undefined
    }
    this.#young.set(topic.hash, topic)
    if (++this.#youngCount >= TOPIC_CACHE_TOPICS_MAX / 2) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngCount = 0
    }
    return topic
  }
}

/** FNV-1a, 32 bit: short, and good enough because a chain's length is bounded. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193)
  return hash
}

export function sameBytes(own: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (own.length !== end - start) return false
  for (let index = 0; index < own.length; index++) if (own[index] !== bytes[start + index]) return false
  return true
}

function topicNameFault(bytes: Buffer, limits: TopicLimits): Fault | undefined {
  if (bytes.length === 0) return fault('topic-name-invalid', 'the topic name is empty')
  if (bytes.length > limits.topicBytesMax) {
    return fault('topic-name-invalid', `the topic name is longer than ${limits.topicBytesMax} bytes`)
  }
  if (!isUtf8(bytes)) return fault('malformed-packet', 'the topic name is not well-formed UTF-8')
  let levels = 1
  for (const byte of bytes) {
    if (byte === 0) return fault('malformed-packet', 'the topic name contains U+0000')
    if (byte === PLUS || byte === HASH)
      return fault('topic-name-invalid', 'the topic name contains a wildcard')
    if (byte === SLASH) levels++
  }
  if (levels > limits.topicLevelsMax) {
    return fault('topic-name-invalid', `the topic name has more than ${limits.topicLevelsMax} levels`)
  }
  return undefined
}
