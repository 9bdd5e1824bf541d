// What was asked for, checked and with all defaults in place: options that mean nothing for an action are an error.

import { type Filter, type FilterProblem, formatFilter, parseFilter } from '../../../shared/filter-grammar.ts'
import {
  PLAN_HOLD_SECONDS_DEFAULT,
  PLAN_IDS_MAX,
  PLAN_RATE_DEFAULT,
  type Plan,
  type PlanAction,
  type PlanOptions,
  type PlanRequest,
} from '../../../shared/plan.ts'
import { assert } from '../../assert.ts'
import type { Millis } from '../../clock.ts'
import type { SideDatabase } from '../../store/side/side-database.ts'
import { readMembers } from '../items/pages.ts'

/** Where members come from. */
export type Scope =
  | { readonly at: 'filter'; readonly filter: Filter }
  | { readonly at: 'ids'; readonly ids: readonly PlannedId[] }
  | { readonly at: 'topic-filter'; readonly topicFilter: string }
  | { readonly at: 'topics'; readonly topics: readonly string[] }

export interface PlannedId {
  readonly clientId: string
  /** Undefined: whatever session there is. */
  readonly generation?: string | undefined
}

export interface CheckedRequest {
  readonly at: 'checked'
  readonly action: PlanAction
  readonly scope: Scope
  readonly options: PlanOptions
  readonly exclude: readonly string[]
  readonly override: readonly string[]
}

export interface RequestProblem {
  readonly at: 'invalid'
  /** Into the body of the request. */
  readonly pointer: string
  readonly detail: string
  /** When it is the filter that cannot be read. */
  readonly filter?: FilterProblem
}

export function checkRequest(request: PlanRequest, now: Millis): CheckedRequest | RequestProblem {
  const { action, exclude = [], override = [] } = request
  const scope = scopeOf(request)
  if (scope.at === 'invalid') return scope
  const problem = optionProblem(action, request.options ?? {}, now)
  if (problem !== undefined) return problem
  const options = withDefaults(action, request.options ?? {})
  return { at: 'checked', action, scope, options, exclude, override }
}

/** The filter as digests and plans name it; undefined when items were named one by one. */
export function filterTextOf(scope: Scope): string | undefined {
  if (scope.at === 'filter') return formatFilter(scope.filter)
  return scope.at === 'topic-filter' ? scope.topicFilter : undefined
}

/** Of a plan that was made: what it named is in its list. */
export async function scopeOfPlan(
  side: SideDatabase,
  { id, action, filter }: Pick<Plan, 'id' | 'action' | 'filter'>,
): Promise<Scope> {
  if (filter !== null) {
    if (action === 'retained.delete') return { at: 'topic-filter', topicFilter: filter }
    const parsed = parseFilter(filter)
    assert(parsed.at === 'filter', 'what was a filter once is one still')
    return { at: 'filter', filter: parsed }
  }
  const members = await readMembers(side, id, 0, PLAN_IDS_MAX)
  if (action === 'retained.delete') return { at: 'topics', topics: members.map(({ key }) => key) }
  const ids = members.map(({ key, generation }) => ({ clientId: key, generation: generation || undefined }))
  return { at: 'ids', ids }
}

function scopeOf({ action, filter, ids, topics }: PlanRequest): Scope | RequestProblem {
  const isRetained = action === 'retained.delete'
  const given = [filter, ids, topics].filter(one => one !== undefined).length
  if (given !== 1) return invalid('', `give one of filter and ${isRetained ? 'topics' : 'ids'}`)
  if (ids !== undefined) {
    return isRetained ? invalid('/ids', 'retained.delete is about topics') : { at: 'ids', ids }
  }
  if (topics !== undefined) {
    return isRetained ? { at: 'topics', topics } : invalid('/topics', `${action} is about sessions: give ids`)
  }
  const text = filter ?? ''
  if (isRetained) {
    const problem = topicFilterProblem(text)
    return problem === undefined ? { at: 'topic-filter', topicFilter: text } : invalid('/filter', problem)
  }
  const parsed = parseFilter(text)
  return parsed.at === 'problem'
    ? { at: 'invalid', pointer: '/filter', detail: parsed.detail, filter: parsed }
    : { at: 'filter', filter: parsed }
}

/** [MQTT5-4.7.1-1, MQTT5-4.7.1-2, MQTT5-4.7.3-1] */
function topicFilterProblem(text: string): string | undefined {
  if (text === '') return 'a topic filter has at least one character; # matches every topic'
  const levels = text.split('/')
  const hash = levels.findIndex(level => level.includes('#'))
  if (hash !== -1 && (hash !== levels.length - 1 || levels[hash] !== '#'))
    return '# stands for whole levels, and at the end'
  if (levels.some(level => level.includes('+') && level !== '+')) return '+ stands for one whole level'
  return undefined
}

const suppressing: readonly PlanAction[] = ['disconnect', 'clean']
const holding: readonly PlanAction[] = [
  'disconnect',
  'clean',
  'expire',
  'clear-queue',
  'hold',
  'messages.remove',
]

function optionProblem(action: PlanAction, options: PlanOptions, now: Millis): RequestProblem | undefined {
  const { suppressWill, holdSeconds, expiry, pinned, messages } = options
  if (suppressWill !== undefined && !suppressing.includes(action))
    return invalid('/options/suppressWill', `${action} has no say in wills`)
  if (holdSeconds !== undefined && !holding.includes(action))
    return invalid('/options/holdSeconds', `${action} does not go with a hold`)
  if (messages !== undefined && action !== 'messages.remove')
    return invalid('/options/messages', `${action} does not choose messages`)
  if (action !== 'set-expiry') {
    if (expiry !== undefined) return invalid('/options/expiry', `${action} sets no expiry`)
    return pinned === undefined ? undefined : invalid('/options/pinned', `${action} sets no expiry`)
  }
  if (expiry === undefined && pinned === undefined)
    return invalid('/options/expiry', 'set-expiry needs an expiry, or a pin')
  return expiry !== undefined && 'at' in expiry && Date.parse(expiry.at) <= now
    ? invalid('/options/expiry/at', 'the time has passed; to end sessions is another action')
    : undefined
}

function withDefaults(action: PlanAction, options: PlanOptions): PlanOptions {
  return {
    ratePerSecond: PLAN_RATE_DEFAULT,
    ...(suppressing.includes(action) ? { suppressWill: false } : {}),
    ...(action === 'hold' ? { holdSeconds: PLAN_HOLD_SECONDS_DEFAULT } : {}),
    ...(action === 'messages.remove' ? { messages: {} } : {}),
    ...options,
  }
}

function invalid(pointer: string, detail: string): RequestProblem {
  return { at: 'invalid', pointer, detail }
}
