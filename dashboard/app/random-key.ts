// A name that nobody else has, also where the page came over plain http and crypto.randomUUID is withheld.

const BYTES = 16

export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(BYTES)), byte =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
