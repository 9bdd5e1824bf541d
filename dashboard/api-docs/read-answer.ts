// Asks the broker, and reads as much of the answer as a page can show.

export interface ShownAnswer {
  /** As in `200 OK`, or why there is none. */
  readonly status: string
  readonly ms: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** JSON is laid out anew. */
  readonly text: string
  readonly isCut: boolean
}

const BYTES_MAX = 262_144
const ANSWER_MS = 20_000
const shownHeaders = ['content-type', 'etag', 'x-request-id', 'retry-after', 'content-disposition']

/** Never rejects. A key takes the place of the login. */
export async function readAnswer(url: string, key: string): Promise<ShownAnswer> {
  const began = performance.now()
  const took = (): number => Math.round(performance.now() - began)
  const abort = AbortSignal.timeout(ANSWER_MS)
  try {
    const response = await fetch(url, {
      cache: 'no-store',
      signal: abort,
      ...(key === '' ? {} : { headers: { authorization: `Bearer ${key}` }, credentials: 'omit' }),
    })
    const { text, isCut } = await readText(response)
    return {
      status: `${response.status} ${response.statusText}`.trim(),
      ms: took(),
      headers: shownHeaders.flatMap(name => {
        const value = response.headers.get(name)
        return value === null ? [] : [[name, value] as const]
      }),
      text: isCut ? text : laidOut(text, response),
      isCut,
    }
  } catch (error) {
    const why = abort.aborted ? `No answer within ${ANSWER_MS / 1_000} s` : 'The broker does not answer'
    return { status: why, ms: took(), headers: [], text: String(error), isCut: false }
  }
}

async function readText(response: Response): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let bytes = 0; reader !== undefined; ) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.length
    text += decoder.decode(value, { stream: true })
    if (bytes < BYTES_MAX) continue
    await reader.cancel()
    return { text: text.slice(0, BYTES_MAX), isCut: true }
  }
  return { text: text + decoder.decode(), isCut: false }
}

function laidOut(text: string, response: Response): string {
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  return isJson && text !== '' && !response.headers.get('content-type')?.includes('ndjson')
    ? JSON.stringify(JSON.parse(text), null, 2)
    : text
}
