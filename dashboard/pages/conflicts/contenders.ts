// Who fights over a client id, in short words and by letter.

import { browserAndSystem } from '../../../shared/browser-words.ts'
import type { Contender } from '../../../shared/conflict.ts'

/** `A` for the first of them; `?` for one that is no longer remembered. */
export function letterOf(index: number): string {
  return index < 0 ? '?' : String.fromCharCode(65 + (index % 26))
}

/** `Chrome 142 on Linux, https://shop.example`, or the address where nothing else is known. */
export function contenderInWords({ userAgent, origin, address }: Contender): string {
  const known = [userAgent === null ? undefined : browserAndSystem(userAgent), origin ?? undefined]
  const words = known.filter(one => one !== undefined)
  return words.length === 0 ? address : words.join(', ')
}
