// Reads the arguments of a command of the admin client.

import { nearest } from '../../../shared/nearest.ts'
import { CliProblem } from './cli-problem.ts'
import { type AdminSpec, type Arguments, commonFlags, type Flag } from './spec.ts'

/** Throws CliProblem with one sentence about the first thing that is wrong. */
export function readArguments(spec: AdminSpec, argv: readonly string[]): Arguments {
  const flags = [...(spec.flags ?? []), ...commonFlags]
  const operands: string[] = []
  const switches = new Set<string>()
  const options = new Map<string, string>()
  let isFlagsOver = false
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index]!
    if (isFlagsOver || !argument.startsWith('-') || argument === '-') operands.push(argument)
    else if (argument === '--') isFlagsOver = true
    else {
      const { flag, inline } = splitFlag(argument, flags)
      if (switches.has(flag.name) || options.has(flag.name)) throw wrong(`${flag.name} is given twice.`)
      if (flag.value === undefined) {
        if (inline !== undefined) throw wrong(`${flag.name} takes no value.`)
        switches.add(flag.name)
        continue
      }
      const value = inline ?? argv[++index]
      if (value === undefined || value === '') throw wrong(`${flag.name} needs a value: ${flag.value}.`)
      options.set(flag.name, value)
    }
  }
  checkOperands(spec, operands)
  return { operands, switches, options }
}

function splitFlag(argument: string, flags: readonly Flag[]): { flag: Flag; inline: string | undefined } {
  const equals = argument.indexOf('=')
  const name = equals < 0 ? argument : argument.slice(0, equals)
  const flag = flags.find(known => known.name === name)
  if (flag !== undefined) return { flag, inline: equals < 0 ? undefined : argument.slice(equals + 1) }
  const meant = nearest(
    name,
    flags.map(known => known.name),
  )
  const hint =
    meant === undefined ? 'What begins with a dash and is no flag comes after --.' : `Did you mean ${meant}?`
  throw wrong(`There is no flag ${JSON.stringify(name)} here. ${hint}`)
}

function checkOperands(spec: AdminSpec, operands: readonly string[]): void {
  const wanted = spec.operands ?? []
  const missing = wanted[operands.length]
  if (missing?.times === 'once') throw wrong(`Name the ${missing.name}: holdfast ${usageOf(spec)}`)
  if (wanted.at(-1)?.times === 'any') return
  const tooMany = operands[wanted.length]
  if (tooMany !== undefined) throw wrong(`There is one argument too many: ${JSON.stringify(tooMany)}.`)
}

/** `sessions hold CLIENT-ID [--seconds N]`; common flags aside. */
export function usageOf({ name, operands = [], flags = [] }: AdminSpec): string {
  const operandTexts = operands.map(operand => {
    if (operand.times === 'once') return operand.name
    return operand.times === 'optional' ? `[${operand.name}]` : `[${operand.name}...]`
  })
  const flagTexts = flags.map(({ name: flag, value }) => `[${flag}${value === undefined ? '' : ` ${value}`}]`)
  return [name, ...operandTexts, ...flagTexts].join(' ')
}

/** The value of a flag as a whole number. */
export function wholeNumber(
  { options }: Pick<Arguments, 'options'>,
  flag: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const text = options.get(flag)
  if (text === undefined) return undefined
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= range.min && value <= range.max) return value
  throw wrong(
    `${flag} must be a whole number from ${range.min} to ${range.max}, not ${JSON.stringify(text)}.`,
  )
}

export function oneOfWords<const Word extends string>(
  { options }: Pick<Arguments, 'options'>,
  flag: string,
  words: readonly Word[],
): Word | undefined {
  const text = options.get(flag)
  if (text === undefined) return undefined
  const found = words.find(word => word === text)
  if (found !== undefined) return found
  throw wrong(`${flag} must be one of ${words.join(', ')}, not ${JSON.stringify(text)}.`)
}

function wrong(sentence: string): CliProblem {
  return new CliProblem('wrongUsage', sentence)
}
