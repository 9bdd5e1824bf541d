// The one place that draws random numbers: identifiers that cannot be guessed, and fair choices.

import { randomBytes } from 'node:crypto'

/** Crockford's base 32: no I, L, O, U, so that an identifier survives being read aloud. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 26 characters: 48 bits of time, then 80 random bits (the ULID form), so that identifiers sort by creation. */
export function ulid(now: number): string {
  let text = ''
  let time = now
  for (let position = 0; position < 10; position++) {
    text = alphabet[time % 32] + text
    time = Math.floor(time / 32)
  }
  const random = randomBytes(16)
  for (let position = 0; position < 16; position++) text += alphabet[random[position]! % 32]
  return text
}

/** A client identifier for a client that sent none: letters and digits only [MQTT5-3.1.3-6]. */
export function assignedClientIdentifier(now: number): string {
  return `auto-${ulid(now)}`
}

/** A whole number from 0 to `below` - 1; fair enough for choices, not for secrets. */
export function randomInteger(below: number): number {
  return Math.floor(Math.random() * below)
}

/** For secrets and salts. */
export function secretBytes(count: number): Buffer {
  return randomBytes(count)
}
