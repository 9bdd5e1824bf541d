// A password that nobody has thought of: long enough, and of characters that are not taken for each other.

/** 32 of them, so that each takes five bits of chance evenly. */
const CHARACTERS = 'abcdefghjkmnpqrstuvwxyz23456789-'
const LENGTH = 20

export function madeUpPassword(): string {
  const chance = crypto.getRandomValues(new Uint8Array(LENGTH))
  return Array.from(chance, byte => CHARACTERS[byte % CHARACTERS.length]).join('')
}
