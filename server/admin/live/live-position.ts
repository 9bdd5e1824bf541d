// Where a stream stands: the id of each event, and what a client that comes back sends as Last-Event-ID or `since`.
//
//   <run>-<change of the table>.<event>     of one run of the broker; `<run>-<change>` is what lists say in `asOf`

export interface LivePosition {
  /** As the table of sessions has it. */
  readonly asOf: string
  /** Undefined: from now on. */
  readonly event: number | undefined
}

export function formatPosition(asOf: string, event: number): string {
  return `${asOf}.${event}`
}

export function parsePosition(text: string): LivePosition {
  const [asOf = '', event, ...rest] = text.split('.')
  const isNumber = event !== undefined && rest.length === 0 && /^\d{1,15}$/.test(event)
  return { asOf, event: isNumber ? Number(event) : undefined }
}
