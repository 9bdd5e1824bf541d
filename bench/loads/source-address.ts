// Spreads connections over loopback addresses, as one address has only some 28,000 ports and a closed one rests a minute.

const addressCount = 64

export function sourceAddress(index: number): string {
  return `127.0.0.${2 + (index % addressCount)}`
}
