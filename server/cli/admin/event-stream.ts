// Reads a stream of server-sent events, wherever its chunks are cut.

export interface ServerEvent {
  readonly id: string | undefined
  /** `message` when the stream does not say. */
  readonly event: string
  readonly data: string
}

/** A stream that never ends a line must not fill the memory. */
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024

export async function* serverEvents(chunks: AsyncIterable<Uint8Array>): AsyncIterable<ServerEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let event = emptyEvent()
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    if (rest.length > LINE_CHARACTERS_MAX) throw new Error('the event stream has a line without an end')
    for (const line of lines) {
      if (line !== '') readLine(event, line)
      else {
        if (event.data.length > 0) yield { ...event, data: event.data.join('\n') }
        // Unlike the rest, the id stays until there is a new one.
        event = { ...emptyEvent(), id: event.id }
      }
    }
  }
}

interface Growing {
  id: string | undefined
  event: string
  readonly data: string[]
}

function emptyEvent(): Growing {
  return { id: undefined, event: 'message', data: [] }
}

function readLine(event: Growing, line: string): void {
  const colon = line.indexOf(':')
  const field = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (field === 'data') event.data.push(value)
  else if (field === 'event') event.event = value
  else if (field === 'id') event.id = value
}
