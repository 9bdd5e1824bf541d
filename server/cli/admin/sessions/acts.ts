// The verbs on sessions: one session is acted on at once as it was just seen, several through a plan.

import { pathSegment } from '../../../../shared/path-segment.ts'
import type { PlanAction, PlanOptions } from '../../../../shared/plan.ts'
import { CliProblem } from '../cli-problem.ts'
import { filterFlag, filterOf, reasonOf } from '../flags.ts'
import { actOnMany, executeFlags } from '../plans/bulk.ts'
import { planOptions, rateFlag } from '../plans/plan-options.ts'
import type { Printer } from '../printer.ts'
import type { AdminRun, AdminSpec, Arguments, Flag } from '../spec.ts'
import type { ActAnswer } from './answers.ts'
import { sessionsGroup } from './list.ts'

export interface SingleRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  /** Behind the session's own path. */
  readonly path: string
  readonly query?: Readonly<Record<string, boolean>>
  readonly body?: unknown
  /** It is about the client id, whether it has a session or not, so there is nothing to hold on to. */
  readonly isOfClientId?: true
}

export interface Verb {
  readonly name: string
  readonly summary: string
  readonly explanation: string
  readonly flags: readonly Flag[]
  readonly action: PlanAction
  /** Undefined: it takes a plan even for one session. */
  readonly single: (given: Arguments) => SingleRequest | undefined
  /** Beside what the flags for plans say. */
  readonly options?: (given: Arguments) => PlanOptions
  /** Of a plan, when flags turn the verb into another. */
  readonly actionOf?: (given: Arguments) => PlanAction
}

const manyHelp = `One client id is acted on at once, unless it has changed since it was read a moment before. Several, or a
--filter, make a plan: it is shown with what would be lost, done when its number is typed (in scripts:
--yes --count N), and followed to its end. Who has come back with a new session meanwhile is skipped.
--filter 'id:*' is every session.`

export function verbCommand(verb: Verb): AdminSpec {
  return {
    name: `sessions ${verb.name}`,
    group: sessionsGroup,
    summary: verb.summary,
    explanation: `${verb.explanation}\n\n${manyHelp}`,
    operands: [{ name: 'CLIENT-ID', times: 'any' }],
    flags: [...verb.flags, filterFlag, rateFlag, ...executeFlags],
    run: given => act(given, verb),
  }
}

async function act(given: AdminRun, verb: Verb): Promise<void> {
  const { operands, options } = given
  const [clientId, ...more] = operands
  const hasFilter = options.has('--filter')
  if (clientId === undefined && !hasFilter)
    throw new CliProblem('wrongUsage', `Name the client ids, or say with --filter which sessions are meant.`)
  if (clientId !== undefined && hasFilter)
    throw new CliProblem('wrongUsage', 'Give client ids or --filter, not both.')
  const single = verb.single(given)
  if (clientId !== undefined && more.length === 0 && single !== undefined)
    return actOnOne(given, clientId, single)
  const action = verb.actionOf?.(given) ?? verb.action
  const meant = hasFilter
    ? { filter: filterOf(given) ?? '' }
    : { ids: operands.map(one => ({ clientId: one })) }
  await actOnMany(given, { action, ...meant, options: { ...planOptions(given), ...verb.options?.(given) } })
}

export async function actOnOne(given: AdminRun, clientId: string, request: SingleRequest): Promise<void> {
  const { api, print } = given
  const path = `/sessions/${pathSegment(clientId)}`
  const etag = request.isOfClientId === true ? undefined : (await api.get(path)).etag
  const { method, query = {}, body } = request
  const answer = await api.send(method, `${path}${request.path}`, {
    query,
    body,
    ...(etag === undefined ? {} : { ifMatch: etag }),
    reason: reasonOf(given),
  })
  showAct(print, answer.body as ActAnswer)
}

export function showAct(print: Printer, done: ActAnswer): void {
  if (print.isJson) {
    print.json(done)
    return
  }
  print.line(done.sentence)
  if (done.notOnDisk !== null) print.note(`It is not on the disk yet: ${done.notOnDisk}`)
  const { result, tombstone, operation } = done
  if (tombstone !== null)
    print.line(`To take it back (${print.deadline(tombstone.undoUntil)}): holdfast undo ${tombstone.id}`)
  else if (result === 'expiry-set' && operation !== null)
    print.line(`To set it back: holdfast undo ${operation}`)
}
