// JSON Schema in words: one row for each member of an answer or a body, with its type, bounds and meaning.

export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly items?: Schema | readonly Schema[]
  readonly description?: string
  readonly default?: unknown
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly $ref?: string
}

export interface SchemaRow {
  /** How far in it stands: 0 for what stands in the body itself. */
  readonly depth: number
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  /** Bounds, default and meaning. */
  readonly note: string
}

/** Shapes that name themselves do not occur; this only bounds what a mistake would cost. */
const DEPTH_MAX = 8

/** Members of an object, or of the objects in an array; empty for what is neither. */
export function rowsOf(schema: Schema, depth = 0): readonly SchemaRow[] {
  if (depth > DEPTH_MAX) return []
  const { properties = {}, required = [] } = objectIn(schema) ?? {}
  return Object.entries(properties).flatMap(([name, member]) => [
    { depth, name, type: typeInWords(member), isRequired: required.includes(name), note: noteOf(member) },
    ...rowsOf(member, depth + 1),
  ])
}

/** The object whose members are worth listing: itself, the items of an array, or what is there unless it is null. */
function objectIn(schema: Schema): Schema | undefined {
  if (schema.properties !== undefined) return schema
  const { items } = schema
  if (items !== undefined && isOne(items)) return objectIn(items)
  if (schema.patternProperties !== undefined)
    return objectIn(Object.values(schema.patternProperties)[0] ?? {})
  const members = (schema.anyOf ?? []).flatMap(one => objectIn(one) ?? [])
  return members.length === 1 ? members[0] : undefined
}

export function typeInWords(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeInWords))].join(' or ')
  if (schema.$ref !== undefined) return schema.$ref.replace(/^.*\//, '')
  switch (schema.type) {
    case 'array':
      return arrayInWords(schema)
    case 'string':
      return schema.format === 'date-time' ? 'time' : 'string'
    case 'object':
      return schema.patternProperties === undefined ? 'object' : 'object by name'
    case undefined:
      return 'anything'
    default:
      return schema.type
  }
}

function arrayInWords({ items }: Schema): string {
  if (items === undefined) return 'array'
  return isOne(items) ? `array of ${typeInWords(items)}` : `[${items.map(typeInWords).join(', ')}]`
}

function isOne(items: Schema | readonly Schema[]): items is Schema {
  return !Array.isArray(items)
}

export function noteOf(schema: Schema): string {
  const usual = schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]
  const bounds = [...boundsOf(schema), ...usual].join(', ')
  return [bounds === '' ? '' : `${bounds[0]!.toUpperCase()}${bounds.slice(1)}.`, schema.description ?? '']
    .filter(text => text !== '')
    .join(' ')
}

function boundsOf(schema: Schema): readonly string[] {
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems } = schema
  return [
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(minimum === 0 && maximum !== undefined ? [`0 to ${inWords(maximum)}`] : range(minimum, maximum, '')),
    ...range(minLength, maxLength, ' characters'),
    ...range(minItems, maxItems, ' items'),
  ]
}

function range(min: number | undefined, max: number | undefined, unit: string): readonly string[] {
  if (max === undefined) return min === undefined || min <= 1 ? [] : [`at least ${inWords(min)}${unit}`]
  return min === undefined || min === 0
    ? [`up to ${inWords(max)}${unit}`]
    : [`${inWords(min)} to ${inWords(max)}${unit}`]
}

function inWords(count: number): string {
  return count.toLocaleString('en-GB')
}
