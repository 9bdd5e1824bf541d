// What the client identifiers of one family of clients have in common: `web-kiosk` of `web-kiosk-11`.

/** A longer one says no more; it also bounds what a client can make us hold. */
const PREFIX_LENGTH_MAX = 64

/** 1 at the code of each: facets ask about every character of every client id. */
const isSeparator = new Uint8Array(128)
for (const character of '-_./:@') isSeparator[character.charCodeAt(0)] = 1
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

/**
 * What stands before the first digit, up to the last separator there, if there is one: `web-checkout` of
 * `web-checkout-7f3a` and of `web-checkout-f73a`, `paho` of `paho12345`. Empty when it begins with a digit.
 */
export function clientIdPrefix(clientId: string): string {
  return clientId.slice(0, clientIdPrefixLength(clientId))
}

/** Of the prefix, in UTF-16 code units. */
export function clientIdPrefixLength(clientId: string): number {
  let lastSeparator = -1
  let end = 0
  const length = Math.min(clientId.length, PREFIX_LENGTH_MAX)
  for (; end < length; end++) {
    const code = clientId.charCodeAt(end)
    if (code >= DIGIT_0 && code <= DIGIT_9) break
    if (end > 0 && isSeparator[code] === 1) lastSeparator = end
  }
  return lastSeparator === -1 ? end : lastSeparator
}
