// What the admin API answered when it did not do what was asked, as a sentence and an exit code.

import { CliProblem, type ProblemExit } from './cli-problem.ts'

/** The fields of an answer of type application/problem+json (RFC 9457) that people need. */
export interface Problem {
  /** The last part of its type: `session-changed`. */
  readonly name: string
  readonly title: string
  readonly detail: string
  readonly requestId: string | undefined
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
}

/** Thrown where the caller may want to know more of it than its sentence. */
export class ApiProblem extends CliProblem {
  readonly status: number
  readonly problem: Problem

  constructor(status: number, problem: Problem) {
    super(exitOf(status), sentenceOf(status, problem))
    this.status = status
    this.problem = problem
  }
}

/** Undefined when the text is no problem+json: then somebody else than a broker answered. */
export function parseProblem(text: string): Problem | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || !('title' in value))
    return undefined
  const { type, title, detail, requestId, errors } = value as Readonly<Record<string, unknown>>
  return {
    name: /[a-z0-9-]+$/.exec(String(type))?.[0] ?? '',
    title: String(title),
    detail: detail === undefined ? '' : String(detail),
    requestId: requestId === undefined ? undefined : String(requestId),
    errors: Array.isArray(errors)
      ? errors.map(error => ({ pointer: String(error?.pointer ?? ''), detail: String(error?.detail ?? '') }))
      : [],
  }
}

const exits: Readonly<Record<number, ProblemExit>> = {
  400: 'wrongUsage',
  401: 'notAllowed',
  403: 'notAllowed',
  404: 'notFound',
  409: 'refused',
  410: 'refused',
  412: 'refused',
  422: 'refused',
  428: 'refused',
}

function exitOf(status: number): ProblemExit {
  return exits[status] ?? 'failed'
}

/** What to do about it, where the API cannot know how it was asked. */
const advice: Readonly<Record<string, string>> = {
  'session-changed': 'Look at it again, and repeat the command if it is still what you want.',
  'session-connected': 'Disconnect it first with `holdfast sessions kick`, or use `holdfast sessions clean`.',
  'plan-expired': 'Make it again with `holdfast plan create`.',
  'cursor-expired': 'The list changed too much while it was read: run the command again.',
}

function sentenceOf(status: number, problem: Problem): string {
  const said = problem.detail === '' ? problem.title : problem.detail
  const lines = [
    closed(said),
    ...problem.errors.map(
      ({ pointer, detail }) => `  ${pointer === '' ? '' : `${pointer}: `}${closed(detail)}`,
    ),
    adviceOn(status, problem.name),
    status >= 500 && problem.requestId !== undefined
      ? `The broker's log has more under request ${problem.requestId}.`
      : '',
  ]
  return lines.filter(line => line !== '').join('\n')
}

function adviceOn(status: number, name: string): string {
  if (status === 401)
    return 'Give an API key: in HOLDFAST_API_KEY, with --api-key-file, or in a profile (`holdfast help sessions list`).'
  return advice[name] ?? ''
}

/** With a full stop. It may begin with a client id, so its first letter stays as it is. */
function closed(text: string): string {
  const trimmed = text.trim()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
