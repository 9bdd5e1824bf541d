// Reads settings from the text of a YAML file: one flat mapping of names to values.

import type { Document } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { nearest } from '../../shared/nearest.ts'
import { keyOfName, settingNames, settingOf } from './schema.ts'
import type { Given, Problem, Source } from './source.ts'

interface FileRead {
  readonly given: readonly Given[]
  readonly problems: readonly Problem[]
}

export function readSettingsFile(path: string, content: string): FileRead {
  const lines = new LineCounter()
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false })
  const sourceAt = (offset: number | undefined): Source => ({
    from: 'file',
    path,
    line: offset === undefined ? undefined : lines.linePos(offset).line,
  })
  if (document.errors.length > 0) {
    return {
      given: [],
      problems: document.errors.map(error => ({ source: sourceAt(error.pos[0]), detail: error.message })),
    }
  }
  const root = document.contents
  if (root === null || (isScalar(root) && root.value === null)) return { given: [], problems: [] }
  if (!isMap(root)) {
    return {
      given: [],
      problems: [
        { source: sourceAt(root.range?.[0]), detail: 'The file must hold lines of the form name: value' },
      ],
    }
  }
  const given: Given[] = []
  const problems: Problem[] = []
  for (const { key, value } of root.items) {
    const name = isScalar(key) ? String(key.value) : String(key)
    const source = sourceAt(isScalar(key) ? key.range?.[0] : undefined)
    const settingKey = keyOfName(name)
    const text = textOf(value, document)
    if (settingKey === undefined) {
      problems.push({ source, setting: name, detail: unknownName(name) })
    } else if (text === undefined) {
      problems.push({ source, setting: name, detail: `must be ${settingOf(settingKey).kind.allowed}` })
    } else {
      given.push({ name, text, source })
    }
  }
  return { given, problems }
}

/** A value as it was written, so that it is read just as in a flag; undefined for what no flag could say. */
function textOf(node: unknown, document: Document): string | undefined {
  if (isAlias(node)) return textOf(node.resolve(document), document)
  if (isSeq(node)) {
    const items = node.items.map(item => (isSeq(item) ? undefined : textOf(item, document)))
    return items.includes(undefined) ? undefined : items.join(',')
  }
  if (!isScalar(node) || node.value === null) return undefined
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

function unknownName(name: string): string {
  const meant = nearest(name, settingNames)
  return `there is no such setting${meant === undefined ? '' : `; did you mean ${meant}?`}`
}
