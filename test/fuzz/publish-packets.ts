// Random valid PUBLISH packets in the shape of mqtt-packet, and what its parser makes of any, in one shape.

import type { ProtocolVersion, QoS } from '../../server/protocol/packet.ts'
import type { SeededRandom } from './seeded-random.ts'
import { freeText, topicName, userProperties } from './wire-packets.ts'

/** What the tests look at of mqtt-packet's PUBLISH. */
export interface WirePublish {
  readonly cmd: 'publish'
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  readonly messageId?: number
  readonly properties?: WireProperties | undefined
}

interface WireProperties {
  readonly payloadFormatIndicator?: boolean | undefined
  readonly messageExpiryInterval?: number | undefined
  readonly topicAlias?: number | undefined
  readonly contentType?: string | undefined
  readonly responseTopic?: string | undefined
  readonly correlationData?: Buffer | undefined
  readonly subscriptionIdentifier?: number | number[] | undefined
  readonly userProperties?: object | undefined
}

/** A PUBLISH as a client may send it. */
export function publishPacket(random: SeededRandom, version: ProtocolVersion): WirePublish {
  const qos = random.below(3) as QoS
  const isText = random.once(2)
  const size = random.pick([0, 1, 20, 120, 130, 300])
  return {
    cmd: 'publish',
    topic: topicName(random),
    payload: isText ? Buffer.from(freeText(random)) : random.bytes(random.once(40) ? 20_000 : size),
    qos,
    retain: random.once(2),
    dup: qos > 0 && random.once(2),
    ...(qos === 0 ? {} : { messageId: 1 + random.below(65_535) }),
    ...(version === 5 && !random.once(4) ? { properties: properties(random, isText) } : {}),
  }
}

function properties(random: SeededRandom, isText: boolean): WireProperties {
  const made: Record<string, unknown> = {
    payloadFormatIndicator: random.once(3) ? isText : undefined,
    messageExpiryInterval: random.once(3)
      ? random.pick([1, 60, 0xffffffff, random.below(2 ** 31)])
      : undefined,
    topicAlias: random.once(4) ? 1 + random.below(65_535) : undefined,
    contentType: random.once(3) ? freeText(random) : undefined,
    responseTopic: random.once(3) ? topicName(random) : undefined,
    correlationData: random.once(3) ? random.bytes(30) : undefined,
    userProperties: random.once(2) ? userProperties(random) : undefined,
  }
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))
}

/** Without the fields that tell nothing, and with `properties` as a plain object of its own. */
export function wirePublishOf(packet: WirePublish): WirePublish {
  const { cmd, topic, payload, qos, retain, dup, messageId, properties } = packet
  return {
    cmd,
    topic,
    payload: Buffer.from(payload),
    qos,
    retain,
    dup,
    ...(messageId === undefined ? {} : { messageId }),
    properties: { ...properties },
  }
}
