// Counts and times HTTP requests by the pattern of their route: a raw URL would make a new series for each client id.

import type { FastifyInstance } from 'fastify'
import { Buckets } from './buckets.ts'
import type { Family } from './family.ts'
import { Tally } from './tally.ts'

const boundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Said for all requests that no route takes, whatever they asked for. */
const NO_ROUTE = 'none'

export class HttpRequests {
  readonly #requests = new Tally()
  /** One for each route and method that was asked for; routes are those of the code. */
  readonly #times = new Map<
    string,
    { readonly method: string; readonly route: string; readonly times: Buckets }
  >()

  /** Call it before routes are added, or they are not watched. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', async (request, reply) => {
      // An upgraded connection is MQTT, and is counted as such.
      if (request.ws) return
      const { method } = request
      const route = request.routeOptions.url ?? NO_ROUTE
      this.#requests.add({ method, route, status: String(reply.statusCode) })
      // A stream lasts as long as its reader likes.
      if (String(reply.getHeader('content-type')).startsWith('text/event-stream')) return
      this.#timesOf(method, route).record(reply.elapsedTime / 1000)
    })
  }

  families(): readonly Family[] {
    return [
      {
        type: 'counter',
        name: 'holdfast_http_requests_total',
        help: 'HTTP requests that were answered.',
        labels: {
          method: 'GET, POST and so on.',
          route:
            'Pattern of the route, such as `/api/v1/sessions/:clientId`; `none` for what no route takes.',
          status: 'Status code of the answer.',
        },
        read: () => this.#requests.samples(),
      },
      {
        type: 'histogram',
        name: 'holdfast_http_request_duration_seconds',
        help: 'How long answers took, until the last byte was handed to the system; event streams are left out.',
        labels: { method: 'GET, POST and so on.', route: 'Pattern of the route.' },
        read: () =>
          [...this.#times.values()].map(({ method, route, times }) => times.distribution({ method, route })),
      },
    ]
  }

  #timesOf(method: string, route: string): Buckets {
    const key = `${method} ${route}`
    let known = this.#times.get(key)
    if (known === undefined) {
      known = { method, route, times: new Buckets(boundsSeconds) }
      this.#times.set(key, known)
    }
    return known.times
  }
}
