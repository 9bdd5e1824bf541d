// Runs of the Lab: begun before a browser connects, helped along where a client cannot, ended with what was seen.

import Type from 'typebox'
import { timelineEntrySchema } from '../../../shared/history.ts'
import {
  type LabRun,
  labEndSchema,
  labReportSchema,
  labRunSchema,
  labTestSchema,
} from '../../../shared/lab.ts'
import { labTests } from '../../../shared/lab-tests.ts'
import { closed, count } from '../../../shared/shapes.ts'
import { actOnRun } from '../lab/clean-up.ts'
import { labFacts } from '../lab/facts.ts'
import { resultOf, timelineOf } from '../lab/result.ts'
import { clientIdPrefix, type LabRunRecord, topicPrefix } from '../lab/run.ts'
import { LAB_RUNS_MAX } from '../lab/runs.ts'
import { idParams } from './acting-words.ts'
import type { ApiContext } from './context.ts'
import { invalid } from './invalid.ts'
import { reportExample, resultExample, runExample } from './lab-examples.ts'
import { problem } from './problem.ts'
import { type ApiRequest, type ApiRoute, defineRoute, noContent } from './route.ts'

const testsSchema = Type.Array(labTestSchema, { minItems: 1, maxItems: labTests.length, uniqueItems: true })
/** Each report may have 240 packets. */
const REPORTS_BYTES_MAX = 4_194_304

/** Who runs tests connects as clients do, and has messages sent to them. */
const runs = { tag: 'Lab', role: 'viewer', grant: 'publish:test' } as const

export function labRunRoutes(context: ApiContext): readonly ApiRoute[] {
  return [begin(context), timeline(context), act(context), end(context), abandon(context)]
}

function begin({ lab }: ApiContext): ApiRoute {
  return defineRoute({
    ...runs,
    method: 'POST',
    url: '/lab/runs',
    summary: 'Begin a run: the names of its clients and topics, which the broker cleans up in any case.',
    description: 'Somebody who begins a fourth run ends the oldest of theirs.',
    audit: 'lab.run',
    body: Type.Object({ tests: testsSchema }, closed),
    bodyExample: { tests: runExample.tests },
    response: { 201: labRunSchema },
    example: { 201: runExample },
    problems: ['limit-exceeded'],
    handle: async ({ body, actor, act }) => {
      const run = await lab.runs.begin(actor, body.tests)
      if (run === 'too-many')
        throw problem('limit-exceeded', { detail: `${LAB_RUNS_MAX} runs are going on, which is the most.` })
      act.target = run.id
      act.tell({ tests: run.tests.length })
      return shown(run)
    },
  })
}

function timeline({ lab, history }: ApiContext): ApiRoute {
  return defineRoute({
    ...runs,
    method: 'GET',
    url: '/lab/runs/{id}/timeline',
    summary: 'What the broker remembers of the clients of one test of the run, the oldest first.',
    params: idParams,
    query: Type.Object({ test: labTestSchema }, closed),
    response: { 200: Type.Object({ data: Type.Array(timelineEntrySchema) }, closed) },
    example: { 200: { data: resultExample.timeline } },
    problems: ['not-found'],
    handle: async request => {
      const run = ownRun(lab.runs.find(request.params.id), request)
      return { data: [...(await timelineOf(history, run, request.query.test))] }
    },
  })
}

function act({ lab, broker }: ApiContext): ApiRoute {
  return defineRoute({
    ...runs,
    method: 'POST',
    url: '/lab/runs/{id}/act',
    summary:
      'What a test needs and a client cannot do: its sessions expire now, or their connections are cut.',
    audit: 'lab.act',
    params: idParams,
    body: Type.Object({ test: labTestSchema, act: Type.Enum(['expire', 'cut']) }, closed),
    bodyExample: { test: 'expire', act: 'expire' },
    response: { 200: Type.Object({ sessions: count }, closed) },
    example: { 200: { sessions: 1 } },
    problems: ['not-found'],
    handle: async request => {
      const run = ownRun(lab.runs.find(request.params.id), request)
      const { test, act } = request.body
      holdToRun(run, [test])
      request.act.tell({ test, act })
      return { sessions: await actOnRun(broker.parts, run, test, act) }
    },
  })
}

function end({ lab, broker, history, settings, server, clock }: ApiContext): ApiRoute {
  return defineRoute({
    ...runs,
    method: 'POST',
    url: '/lab/runs/{id}/end',
    summary:
      'End a run: what was seen is judged and kept as the last results, and everything of it is taken away.',
    audit: 'lab.end',
    bodyBytesMax: REPORTS_BYTES_MAX,
    params: idParams,
    body: Type.Object({ reports: Type.Array(labReportSchema, { maxItems: labTests.length }) }, closed),
    bodyExample: { reports: [reportExample] },
    response: { 200: labEndSchema },
    example: { 200: { results: [resultExample], cleaned: { sessions: 2, retained: 0 } } },
    problems: ['not-found'],
    handle: async request => {
      const run = ownRun(lab.runs.find(request.params.id), request)
      const { reports } = request.body
      holdToRun(
        run,
        reports.map(report => report.test),
      )
      const facts = labFacts(settings, server)
      const results = []
      for (const report of reports) {
        const entries = await timelineOf(history, run, report.test)
        results.push(resultOf({ run, report, facts, timeline: entries, at: broker.parts.clock.now() }))
      }
      const cleaned = await lab.runs.end(run)
      await lab.results.save(results)
      const passed = results.filter(({ verdict }) => verdict === 'passed').length
      request.act.tell({ tests: results.length, passed, ...cleaned, ms: clock.now() - run.startedAt })
      return { results, cleaned }
    },
  })
}

function abandon({ lab }: ApiContext): ApiRoute {
  return defineRoute({
    ...runs,
    method: 'DELETE',
    url: '/lab/runs/{id}',
    summary: 'Give a run up: everything of it is taken away, and the last results stay as they were.',
    audit: 'lab.abandon',
    params: idParams,
    response: { 204: noContent },
    example: {},
    problems: ['not-found'],
    handle: async request => {
      const run = ownRun(lab.runs.find(request.params.id), request)
      request.act.tell({ ...(await lab.runs.end(run)) })
    },
  })
}

function ownRun(
  run: LabRunRecord | undefined,
  { actor }: ApiRequest<unknown, unknown, unknown>,
): LabRunRecord {
  if (run === undefined) throw problem('not-found', { detail: 'The run has ended, or never was.' })
  if (run.owner !== actor.key && !actor.is('admin'))
    throw problem('forbidden', { detail: 'It belongs to somebody else.' })
  return run
}

function holdToRun(run: LabRunRecord, tests: readonly string[]): void {
  const other = tests.find(test => !run.tests.includes(test))
  if (other !== undefined) throw invalid('/body', `has the test ${other}, which is not one of this run`)
}

function shown(run: LabRunRecord): LabRun {
  return {
    id: run.id,
    clientIdPrefix: clientIdPrefix(run),
    topicPrefix: topicPrefix(run),
    tests: [...run.tests],
    startedAt: new Date(run.startedAt).toISOString(),
    expiresAt: new Date(run.expiresAt).toISOString(),
    by: run.ownerName,
  }
}
