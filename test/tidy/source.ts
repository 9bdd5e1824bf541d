// What the rules of style look at: the files of the repository, their syntax trees and their imports.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface Import {
  /** As written, or the path from the root if it is relative. */
  readonly target: string
  readonly kind: 'value' | 'type'
  readonly line: number
}

/** A rule names what breaks it, each as `path:line: sentence`. */
export interface Rule {
  readonly name: string
  readonly check: (sources: readonly Source[]) => readonly string[]
  /** Sets of files that break the rule, one way each. */
  readonly violations: readonly (readonly Source[])[]
}

/** Every text file that git knows or would add. */
export function repositorySources(): readonly Source[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return listed
    .split('\0')
    .filter(path => path !== '' && existsSync(root + path) && !/\.(png|jpg|ico|woff2?|bin)$/.test(path))
    .map(path => ({ path, text: readFileSync(root + path, 'utf8') }))
}

export function isCode(source: Source): boolean {
  return /\.(ts|mjs|js|svelte)$/.test(source.path)
}

export function isTypeScript(source: Source): boolean {
  return source.path.endsWith('.ts')
}

export function isServer(source: Source): boolean {
  return isTypeScript(source) && source.path.startsWith('server/')
}

const trees = new Map<Source, ts.SourceFile>()

export function treeOf(source: Source): ts.SourceFile {
  const known = trees.get(source)
  if (known !== undefined) return known
  const tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true)
  trees.set(source, tree)
  return tree
}

/** Calls `visit` for every node of the file. */
export function walk(source: Source, visit: (node: ts.Node) => void): void {
  const descend = (node: ts.Node): void => {
    visit(node)
    ts.forEachChild(node, descend)
  }
  descend(treeOf(source))
}

export function at(source: Source, node: ts.Node): string {
  return `${source.path}:${lineOf(source, node)}`
}

export function importsOf(source: Source): readonly Import[] {
  const found: Import[] = []
  walk(source, node => {
    const specifier = specifierOf(node)
    if (specifier === undefined) return
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(source.path), specifier) : specifier
    found.push({ target, kind: isTypeOnly(node) ? 'type' : 'value', line: lineOf(source, node) })
  })
  return found
}

function specifierOf(node: ts.Node): string | undefined {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : undefined
  return specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false
  const { importClause } = node
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = importClause.namedBindings
  return (
    importClause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every(element => element.isTypeOnly)
  )
}

function lineOf(source: Source, node: ts.Node): number {
  const tree = treeOf(source)
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}
