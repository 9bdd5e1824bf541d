// Takes JSON bodies and nothing else, and keeps their text while it is needed.

import type { FastifyInstance, FastifyRequest } from 'fastify'

export class BodyTexts {
  readonly #texts = new WeakMap<FastifyRequest, string>()

  /** Forms of other sites can send text and form data, but never JSON without being asked for leave first. */
  takeJsonOnly(api: FastifyInstance): void {
    const parseJson = api.getDefaultJsonParser('error', 'error')
    api.removeAllContentTypeParsers()
    api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
      // Only there can the same request come again.
      if (request.headers['idempotency-key'] !== undefined) this.#texts.set(request, text as string)
      // Many programs send the header always.
      if (text === '') done(null, undefined)
      else parseJson(request, text as string, done)
    })
  }

  of(request: FastifyRequest): string {
    return this.#texts.get(request) ?? ''
  }
}
