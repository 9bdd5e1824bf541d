// The Lab to look at: what this broker's results follow from, and the last results of its tests.

import Type from 'typebox'
import { labResultSchema, labSchema, labTestSchema } from '../../../shared/lab.ts'
import { labFacts } from '../lab/facts.ts'
import type { ApiContext } from './context.ts'
import { factsExample, resultExample, summaryExample } from './lab-examples.ts'
import { labRunRoutes } from './lab-runs.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'

export function labRoutes(context: ApiContext): readonly ApiRoute[] {
  return [lab(context), result(context), ...labRunRoutes(context)]
}

function lab({ settings, server, lab }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/lab',
    summary: 'What the results of the Lab follow from on this broker, and the last result of each test.',
    description: 'The tests are explained in docs/LAB.md.',
    tag: 'Lab',
    role: 'viewer',
    response: { 200: labSchema },
    example: { 200: { facts: factsExample, results: [summaryExample] } },
    problems: [],
    handle: async () => ({ facts: labFacts(settings, server), results: [...(await lab.results.all())] }),
  })
}

function result({ lab }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/lab/results/{test}',
    summary:
      'The last result of one test, with the packets that the browser saw and the timeline of the broker.',
    tag: 'Lab',
    role: 'viewer',
    params: Type.Object({ test: labTestSchema }),
    response: { 200: labResultSchema },
    example: { 200: resultExample },
    problems: ['not-found'],
    handle: async ({ params }) => {
      const found = await lab.results.find(params.test)
      if (found === undefined) throw problem('not-found', { detail: 'Nobody has run this test here.' })
      return found
    },
  })
}
