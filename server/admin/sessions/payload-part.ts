// Parts of a payload as people see them: never more than was asked for, and always saying how much there is.

import { isUtf8 } from 'node:buffer'
import { PREVIEW_BYTES } from '../../../shared/queue-limits.ts'
import type { PayloadForm, PayloadPart, PayloadPreview } from '../../../shared/session-queue.ts'
import type { Message } from '../../protocol/message.ts'
import { readForwardedProperties } from '../../protocol/read-forwarded-properties.ts'

export function previewOf({ payload }: Message): PayloadPreview {
  const isText = isUtf8(payload)
  const end = isText ? wholeCharacters(payload, 0, PREVIEW_BYTES) : Math.min(payload.length, PREVIEW_BYTES)
  const shown = payload.subarray(0, end)
  return {
    bytes: payload.length,
    shownBytes: end,
    isText,
    text: isText ? shown.toString() : null,
    base64: shown.toString('base64'),
  }
}

interface Step {
  readonly as: Exclude<PayloadForm, 'raw'>
  readonly offset: number
  readonly length: number
}

export function partOf(message: Message, { as, offset, length }: Step): Omit<PayloadPart, 'seq'> {
  const { payload, topic } = message
  const isText = isUtf8(payload)
  const from = Math.min(offset, payload.length)
  const end =
    as === 'text' && isText ? wholeCharacters(payload, from, length) : Math.min(payload.length, from + length)
  const shown = payload.subarray(from, end)
  return {
    topic: topic.name,
    bytes: payload.length,
    offset: from,
    shownBytes: shown.length,
    nextOffset: end < payload.length ? end : null,
    isText,
    as,
    data: shown.toString(as === 'text' ? 'utf8' : as),
    properties: propertiesOf(message),
  }
}

/** The end of a part of about that length that does not cut a character in two. */
function wholeCharacters(payload: Buffer, from: number, length: number): number {
  let end = Math.min(payload.length, from + length)
  while (end > from && end < payload.length && isContinuation(payload[end]!)) end--
  return end > from ? end : Math.min(payload.length, from + length)
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

function propertiesOf({ properties }: Message): PayloadPart['properties'] {
  const { correlationData, userProperties, ...rest } = readForwardedProperties(properties)
  return {
    ...rest,
    ...(correlationData === undefined
      ? {}
      : { correlationData: Buffer.from(correlationData).toString('base64') }),
    ...(userProperties === undefined
      ? {}
      : { userProperties: userProperties.map(([name, value]): [string, string] => [name, value]) }),
  }
}
