// Lists of sequence numbers as they lie in the database: eight bytes each.

const SEQ_BYTES = 8

export function encodeSeqs(seqs: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(seqs).buffer)
}

/** None for a column without a list; what is cut off at the end is left out. */
export function decodeSeqs(column: unknown): number[] {
  if (!(column instanceof Uint8Array)) return []
  const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
  const seqs: number[] = []
  for (let at = 0; at + SEQ_BYTES <= bytes.length; at += SEQ_BYTES) seqs.push(bytes.readDoubleLE(at))
  return seqs
}
