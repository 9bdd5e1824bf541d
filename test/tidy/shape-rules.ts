// Rules of style: the length of files and functions, first lines, and forms of syntax that are not used here.

import ts from 'typescript'
import { at, isCode, isTypeScript, type Rule, type Source, treeOf, walk } from './source.ts'

const FILE_LINES_MAX = 400
const FUNCTION_LINES_MAX = 60

const fileLength: Rule = {
  name: `a file has at most ${FILE_LINES_MAX} lines`,
  check: sources =>
    sources.filter(isCode).flatMap(source => {
      const lines = source.text.trimEnd().split('\n').length
      return lines > FILE_LINES_MAX ? [`${source.path}:1: has ${lines} lines`] : []
    }),
  violations: [[{ path: 'server/a.ts', text: '// A.\n'.repeat(FILE_LINES_MAX + 1) }]],
}

const functionLength: Rule = {
  name: `a function has at most ${FUNCTION_LINES_MAX} lines`,
  check: sources =>
    sources.filter(isTypeScript).flatMap(source => {
      const found: string[] = []
      const tree = treeOf(source)
      walk(source, node => {
        if (!ts.isFunctionLike(node)) return
        const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line
        const lines = tree.getLineAndCharacterOfPosition(node.end).line - first + 1
        if (lines > FUNCTION_LINES_MAX) found.push(`${at(source, node)}: this function has ${lines} lines`)
      })
      return found
    }),
  violations: [
    [{ path: 'server/a.ts', text: `function a() {\n${'  b()\n'.repeat(FUNCTION_LINES_MAX)}}` }],
    [{ path: 'server/a.ts', text: `class A {\n  a = () => {\n${'  b()\n'.repeat(FUNCTION_LINES_MAX)}}\n}` }],
  ],
}

const firstLine: Rule = {
  name: 'the first line of a file in server/ and shared/ says its one responsibility',
  check: sources =>
    sources
      .filter(source => isTypeScript(source) && /^(server|shared)\//.test(source.path))
      .filter(source => !/^\/\/ \S/.test(source.text))
      .map(source => `${source.path}:1: does not start with a // comment`),
  violations: [
    [{ path: 'server/a.ts', text: 'export const a = 1' }],
    [{ path: 'shared/a.ts', text: '\n// A.' }],
  ],
}

/** A rule that looks at one node at a time, in all TypeScript files unless `where` says otherwise. */
function nodeRule(options: {
  readonly name: string
  readonly where?: (source: Source) => boolean
  readonly refuse: (node: ts.Node) => string | undefined
  readonly violations: Rule['violations']
}): Rule {
  const where = options.where ?? isTypeScript
  return {
    name: options.name,
    check: sources =>
      sources.filter(where).flatMap(source => {
        const found: string[] = []
        walk(source, node => {
          const reason = options.refuse(node)
          if (reason !== undefined) found.push(`${at(source, node)}: ${reason}`)
        })
        return found
      }),
    violations: options.violations,
  }
}

const noDefaultExports = nodeRule({
  name: 'exports have names',
  // Build tools ask for a default export in their own files.
  where: source => isTypeScript(source) && !source.path.endsWith('.config.ts'),
  refuse: node => {
    if (ts.isExportAssignment(node)) return 'a default export'
    const isDefault =
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some(modifier => modifier.kind === ts.SyntaxKind.DefaultKeyword)
    return isDefault === true ? 'a default export' : undefined
  },
  violations: [
    [{ path: 'server/a.ts', text: 'export default 1' }],
    [{ path: 'test/a.ts', text: 'export default function a() {}' }],
  ],
})

const noBarrels = nodeRule({
  name: 'no file re-exports all of another',
  refuse: node => (ts.isExportDeclaration(node) && node.exportClause === undefined ? 'export *' : undefined),
  violations: [[{ path: 'server/a.ts', text: "export * from './b.ts'" }]],
})

const noEmptyCatch = nodeRule({
  name: 'no catch does nothing',
  refuse: node =>
    ts.isCatchClause(node) && node.block.statements.length === 0
      ? 'this catch swallows all errors'
      : undefined,
  violations: [[{ path: 'server/a.ts', text: 'try { a() } catch { /* fine */ }' }]],
})

const erasableSyntax = nodeRule({
  name: 'no enum and no namespace',
  refuse: node => {
    if (ts.isEnumDeclaration(node)) return 'an enum; use a union of literals'
    if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name)) return 'a namespace; use a file'
    return undefined
  },
  violations: [
    [{ path: 'server/a.ts', text: 'export enum A { b }' }],
    [{ path: 'server/a.ts', text: 'namespace A { export const b = 1 }' }],
  ],
})

const noSkippedTests = nodeRule({
  name: 'no test is skipped, postponed or run alone',
  where: source => source.path.startsWith('test/') && isTypeScript(source),
  refuse: node => {
    const isCall =
      ts.isPropertyAccessExpression(node) &&
      /^(test|it|describe|suite)$/.test(node.expression.getText()) &&
      /^(skip|todo|only)$/.test(node.name.text)
    const isOption =
      ts.isPropertyAssignment(node) &&
      /^(skip|todo|only)$/.test(node.name.getText()) &&
      node.initializer.kind === ts.SyntaxKind.TrueKeyword
    return isCall || isOption ? `${node.getText()} leaves tests out` : undefined
  },
  violations: [
    [{ path: 'test/a.test.ts', text: "test.only('a', () => {})" }],
    [{ path: 'test/a.test.ts', text: "test('a', { skip: true }, () => {})" }],
  ],
})

export const shapeRules: readonly Rule[] = [
  fileLength,
  functionLength,
  firstLine,
  noDefaultExports,
  noBarrels,
  noEmptyCatch,
  erasableSyntax,
  noSkippedTests,
]
