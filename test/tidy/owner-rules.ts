// Rules of style: effects that one place owns (time, chance, timers, environment, output), and words nowhere used.

import ts from 'typescript'
import { at, isCode, isServer, type Rule, type Source, walk } from './source.ts'

interface Effect {
  readonly what: string
  /** Files of server/ that may; everything else is given what it needs. */
  readonly allowedIn: RegExp
  readonly is: (node: ts.Node) => boolean
  readonly examples: readonly string[]
}

const effects: readonly Effect[] = [
  {
    what: 'reading the time',
    allowedIn: /^server\/clock\.ts$/,
    is: node =>
      isMember(node, 'Date', /^now$/) ||
      isMember(node, 'performance', /^now$/) ||
      isMember(node, 'process', /^hrtime$/) ||
      (ts.isNewExpression(node) &&
        node.expression.getText() === 'Date' &&
        (node.arguments?.length ?? 0) === 0),
    examples: ['Date.now()', 'performance.now()', 'process.hrtime.bigint()', 'new Date()', 'new Date'],
  },
  {
    what: 'chance',
    allowedIn: /^server\/random\.ts$/,
    is: node =>
      isMember(node, 'Math', /^random$/) ||
      isMember(node, 'crypto', /^(random|getRandom)/) ||
      (ts.isImportSpecifier(node) &&
        /^(random|getRandom)/.test((node.propertyName ?? node.name).text) &&
        /^(node:)?crypto$/.test(moduleOf(node))),
    examples: ['Math.random()', 'crypto.randomUUID()', "import { randomBytes as bytes } from 'node:crypto'"],
  },
  {
    what: 'a timer of its own',
    allowedIn: /^server\/(clock\.ts$|transport\/|start\.ts$)/,
    is: node =>
      ts.isCallExpression(node) &&
      /^(globalThis\.)?(setTimeout|setInterval)$/.test(node.expression.getText()),
    examples: ['setTimeout(() => b(), 1)', 'globalThis.setInterval(b, 1)'],
  },
  {
    what: 'reading the environment',
    allowedIn: /^server\/(main|cli)\.ts$/,
    is: node => isMember(node, 'process', /^env$/),
    examples: ['process.env.A', "process.env['A']"],
  },
  {
    what: 'printing past the log',
    allowedIn: /^server\/(log|cli)\.ts$/,
    is: node => isMember(node, 'console', /./),
    examples: ["console.log('a')"],
  },
]

function isMember(node: ts.Node, object: string, member: RegExp): boolean {
  return (
    ts.isPropertyAccessExpression(node) &&
    node.expression.getText().replace(/^globalThis\./, '') === object &&
    member.test(node.name.text)
  )
}

function moduleOf(specifier: ts.ImportSpecifier): string {
  const { moduleSpecifier } = specifier.parent.parent.parent
  return ts.isImportDeclaration(specifier.parent.parent.parent) && ts.isStringLiteral(moduleSpecifier!)
    ? moduleSpecifier.text
    : ''
}

const effectRules: readonly Rule[] = effects.map(effect => ({
  name: `${effect.what} has one owner in server/`,
  check: sources =>
    sources
      .filter(source => isServer(source) && !effect.allowedIn.test(source.path))
      .flatMap(source => {
        const found: string[] = []
        walk(source, node => {
          if (effect.is(node)) found.push(`${at(source, node)}: ${node.getText().slice(0, 60)}`)
        })
        return found
      }),
  violations: effect.examples.map(text => [{ path: 'server/session/a.ts', text }]),
}))

/** Put together here, so that this file does not contain what it looks for. */
const leftovers = new RegExp(
  `\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['XX', 'X'].join('')})\\b`,
)
const foreignPaths = [
  ['shared', 'design'].join('/'),
  ['', 'work', 'main'].join('/'),
  ['', 'work', 'shared'].join('/'),
]

function linesWith(source: Source, matches: (line: string) => boolean): readonly string[] {
  return source.text
    .split('\n')
    .flatMap((line, index) =>
      matches(line) ? [`${source.path}:${index + 1}: ${line.trim().slice(0, 80)}`] : [],
    )
}

const noLeftovers: Rule = {
  name: 'work that is left is an issue, not a comment',
  check: sources => sources.filter(isCode).flatMap(source => linesWith(source, line => leftovers.test(line))),
  violations: [[{ path: 'server/a.ts', text: `// ${['TO', 'DO'].join('')}: later` }]],
}

const noForeignPaths: Rule = {
  name: 'no file names a path outside the repository',
  check: sources =>
    sources.flatMap(source => linesWith(source, line => foreignPaths.some(path => line.includes(path)))),
  violations: foreignPaths.map(path => [{ path: 'docs/a.md', text: `See ${path}/STYLE.md.` }]),
}

export const ownerRules: readonly Rule[] = [...effectRules, noLeftovers, noForeignPaths]
