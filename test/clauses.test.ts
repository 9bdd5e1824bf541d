// Holds docs/clauses.md against the tests: every clause has a test that names it, or says why it has none.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'

type Held = { by: 'test' } | { by: 'client' } | { by: 'reason'; reason: string }

interface Clause {
  tag: string
  statement: string
  who: string
  held: Held
}

const root = join(import.meta.dirname, '..')
const tagForm = /^MQTT[35]-\d+\.\d+\.\d+-\d+$/
const clauseRow = /^\| (MQTT\S+) \|(.*)\|(.*)\|(.*)\|$/

function parseHeld(tag: string, cell: string): Held {
  if (cell === '') return { by: 'test' }
  if (/^client( \(.+\))?$/.test(cell)) return { by: 'client' }
  const reason = /^reason: (\S.*)$/.exec(cell)?.[1]
  assert.ok(reason !== undefined, `${tag}: "${cell}" is neither empty, "client" nor "reason: ..."`)
  return { by: 'reason', reason }
}

/** The clauses of the tables in docs/clauses.md, in their order. */
function parseClauses(markdown: string): Clause[] {
  return markdown.split('\n').flatMap(line => {
    const row = clauseRow.exec(line)
    if (row === null) {
      assert.ok(!/^\|\s*MQTT/.test(line), `not a row of four cells: ${line}`)
      return []
    }
    const [, tag = '', statement = '', who = '', held = ''] = row.map(cell => cell.trim())
    assert.match(tag, tagForm)
    assert.ok(statement !== '', `${tag} says nothing`)
    assert.ok(['server', 'client', 'both'].includes(who), `${tag} binds "${who}"`)
    return [{ tag, statement, who, held: parseHeld(tag, held) }]
  })
}

/** The tags of `[MQTT5-1.5.4-1]` and `[MQTT5-1.5.4-1, MQTT3-1.5.3-1]`; whatever else is in such a bracket comes along, to be reported. */
function tagsIn(title: string): string[] {
  return [...title.matchAll(/\[(MQTT[^\]]*)\]/g)].flatMap(bracket => (bracket[1] ?? '').split(/[\s,]+/))
}

/** Whether what stands in this call is no test title: the message of an assertion, or a test that does not run. */
function isNoTitle(call: ts.CallExpression): boolean {
  const callee = call.expression.getText()
  if (/^assert\b/.test(callee) || /\.(skip|todo)$/.test(callee)) return true
  return call.arguments.some(
    argument =>
      ts.isObjectLiteralExpression(argument) &&
      argument.properties.some(property => /^(skip|todo)$/.test(property.name?.getText() ?? '')),
  )
}

/** The tags in the string literals of a test file. A comment, an assertion's message or a skipped test names no clause. */
function tagsOfTests(fileName: string, source: string): string[] {
  const tags: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isNoTitle(node)) return
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      tags.push(...tagsIn(node.text))
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true))
  return tags
}

/** Clauses that no test names though one must, and tags that name no clause. */
function compare(clauses: Clause[], tags: Iterable<string>): { untested: string[]; unknown: string[] } {
  const named = new Set(tags)
  const known = new Set(clauses.map(clause => clause.tag))
  return {
    untested: clauses
      .filter(clause => clause.held.by === 'test' && !named.has(clause.tag))
      .map(clause => `${clause.tag}  ${clause.statement}`),
    unknown: [...named].filter(tag => !known.has(tag)),
  }
}

function readTags(): Map<string, string[]> {
  const directory = join(root, 'test')
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts') && basename(file) !== basename(import.meta.filename))
    .sort()
  return new Map(files.map(file => [file, tagsOfTests(file, readFileSync(join(directory, file), 'utf8'))]))
}

function listed(heading: string, lines: string[]): string {
  return `${lines.length} ${heading}:\n  ${lines.join('\n  ')}\n`
}

const clauses = parseClauses(readFileSync(join(root, 'docs', 'clauses.md'), 'utf8'))

test('the clause reader takes the tables apart, and refuses a row it does not understand', () => {
  const markdown = [
    '| clause | what must hold | who | how it is held |',
    '|---|---|---|---|',
    '| MQTT5-1.5.4-1 | Strings are UTF-8. | both | |',
    '| MQTT5-3.1.2-20 | The client pings. | client | client |',
    '| MQTT3-4.6.0-1 | The client keeps order. | client | client (see MQTT3-4.6.0-6) |',
    '| MQTT3-3.8.3-2 | Without wildcards. | server | reason: it has wildcards |',
  ]
  assert.deepEqual(
    parseClauses(markdown.join('\n')).map(clause => [clause.tag, clause.held]),
    [
      ['MQTT5-1.5.4-1', { by: 'test' }],
      ['MQTT5-3.1.2-20', { by: 'client' }],
      ['MQTT3-4.6.0-1', { by: 'client' }],
      ['MQTT3-3.8.3-2', { by: 'reason', reason: 'it has wildcards' }],
    ],
  )
  for (const row of [
    '| MQTT-1.5.4-1 | No version. | both | |',
    '| MQTT5-1.5.4 | No number. | both | |',
    '| MQTT5-1.5.4-1 | | both | |',
    '| MQTT5-1.5.4-1 | Nobody. | nobody | |',
    '| MQTT5-1.5.4-1 | No reason. | both | reason: |',
    '| MQTT5-1.5.4-1 | Later. | both | later |',
    '| MQTT5-1.5.4-1 | Three cells. | both |',
  ]) {
    assert.throws(() => parseClauses(row), assert.AssertionError, row)
  }
})

test('the title reader finds tags in titles and tables, and none in comments, assertions or skipped tests', () => {
  const source = `
    // [MQTT5-1.1.1-1]
    test('one [MQTT5-1.1.1-2] [MQTT3-1.1.1-3]', () => assert.ok(true, '[MQTT5-1.1.1-4]'))
    test(\`two \${version} [MQTT5-1.1.1-5, MQTT3-1.1.1-6]\`, run)
    const cases = [{ title: "three [MQTT5-1.1.1-7]" }]
    test.skip('four [MQTT5-1.1.1-8]', run)
    test('five [MQTT5-1.1.1-9]', { todo: true }, run)
    test('six [MQTT-1.1.1-10] MQTT5-1.1.1-11 [x]', run)
  `
  assert.deepEqual(tagsOfTests('sample.test.ts', source), [
    'MQTT5-1.1.1-2',
    'MQTT3-1.1.1-3',
    'MQTT5-1.1.1-5',
    'MQTT3-1.1.1-6',
    'MQTT5-1.1.1-7',
    'MQTT-1.1.1-10',
  ])
})

test('the comparison reports what is missing and what is unknown', () => {
  const sample = parseClauses(
    [
      '| MQTT5-1.1.1-1 | Tested. | both | |',
      '| MQTT5-1.1.1-2 | Forgotten. | both | |',
      '| MQTT5-1.1.1-3 | The client. | client | client |',
      '| MQTT5-1.1.1-4 | Explained. | server | reason: cannot be seen |',
    ].join('\n'),
  )
  assert.deepEqual(compare(sample, ['MQTT5-1.1.1-1', 'MQTT5-9.9.9-9']), {
    untested: ['MQTT5-1.1.1-2  Forgotten.'],
    unknown: ['MQTT5-9.9.9-9'],
  })
})

test('docs/clauses.md lists every numbered statement of both standards once, without gaps', () => {
  const numbersBySection = Map.groupBy(clauses, clause => clause.tag.slice(0, clause.tag.lastIndexOf('-')))
  for (const [section, members] of numbersBySection) {
    const first = section === 'MQTT5-2.2.1' ? 2 : 1
    assert.deepEqual(
      members.map(clause => clause.tag),
      members.map((_, index) => `${section}-${first + index}`),
    )
  }
  assert.equal(clauses.filter(clause => clause.tag.startsWith('MQTT5-')).length, 251)
  assert.equal(clauses.filter(clause => clause.tag.startsWith('MQTT3-')).length, 141)
  assert.ok(clauses.every(clause => clause.held.by !== 'client' || clause.who === 'client'))
})

test('every tag in a test title names a clause', () => {
  const unknown = [...readTags()].flatMap(([file, tags]) =>
    compare(clauses, tags).unknown.map(tag => `${file}: ${tag}`),
  )
  assert.ok(unknown.length === 0, listed('tags name no clause of docs/clauses.md', unknown))
})

test('every clause has a test that names it, or a reason in docs/clauses.md', () => {
  const { untested } = compare(clauses, [...readTags().values()].flat())
  assert.ok(untested.length === 0, listed('clauses have neither a test nor a reason', untested))
})
