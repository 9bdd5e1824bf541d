// Holds requests to the schemas of their route, and says of each fault where it is.

import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Problem } from '../../../shared/problem.ts'
import { problem } from './problem.ts'
import type { ApiRoute } from './route.ts'

/** More say nothing more, and a hostile body could have thousands. */
const ERRORS_MAX = 20

type Errors = NonNullable<Problem['errors']>

export interface Checked {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/** Throws the problem `validation`, with all that is wrong. */
export type Check = (given: Checked) => Checked

type Reader = (value: unknown, errors: Errors) => unknown

export function checkOf(route: ApiRoute): Check {
  const params = reader('/path', route.params, 'text')
  const query = reader('/query', route.query, 'text')
  const body = reader('/body', route.body, 'json')
  return given => {
    const errors: Errors = []
    const checked = {
      params: params(given.params, errors),
      query: query(given.query, errors),
      body: body(given.body, errors),
    }
    if (errors.length > 0) throw problem('validation', { detail: sentence(errors), errors })
    return checked
  }
}

/** From a path or a query everything comes as text, and is turned into what the schema says; JSON is not. */
function reader(where: string, schema: TSchema | undefined, form: 'text' | 'json'): Reader {
  if (schema === undefined) return refuseAll(where)
  const validator = Compile(schema)
  return (given, errors) => {
    // No body is an empty one: what is missing is then named.
    const complete = validator.Default(form === 'text' ? { ...(given as object) } : (given ?? {}))
    const value = form === 'text' ? validator.Convert(complete) : complete
    if (validator.Check(value)) return value
    for (const error of validator.Errors(value)) {
      if (errors.length === ERRORS_MAX) break
      // Said again, with a name, by additionalProperties.
      if (error.keyword === 'boolean') continue
      errors.push({ pointer: where + error.instancePath, detail: detailOf(error) })
    }
    return value
  }
}

function refuseAll(where: string): Reader {
  return (given, errors) => {
    if (given === undefined) return given
    for (const name of Object.keys(given as object).slice(0, ERRORS_MAX))
      errors.push({ pointer: `${where}/${escaped(name)}`, detail: 'is not known here' })
    return given
  }
}

function detailOf(error: {
  readonly keyword: string
  readonly params: object
  readonly message: string
}): string {
  const { requiredProperties, additionalProperties, allowedValues } = error.params as Record<string, string[]>
  switch (error.keyword) {
    case 'required':
      return `lacks ${requiredProperties?.join(', ')}`
    case 'additionalProperties':
      return `does not know ${additionalProperties?.slice(0, ERRORS_MAX).join(', ')}`
    case 'enum':
      return `must be one of ${allowedValues?.join(', ')}`
    default:
      return error.message
  }
}

function sentence(errors: Errors): string {
  const [first] = errors
  return errors.length === 1
    ? `${first?.pointer} ${first?.detail}.`
    : `${errors.length} things are wrong; the first is that ${first?.pointer} ${first?.detail}.`
}

/** As a JSON pointer has it. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
