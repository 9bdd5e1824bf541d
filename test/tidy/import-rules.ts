// Rules of style: which file may import which.

import { type Import, importsOf, isServer, isTypeScript, type Rule, type Source } from './source.ts'

/** From left to right as a PUBLISH goes: each may import itself and what comes after it. */
const layers = [
  'main',
  'cli',
  'start',
  'admin',
  'read-model',
  'connection',
  'broker',
  'routing',
  'session',
  'access',
  'store',
  'protocol',
  'transport',
  'ground',
] as const
type Layer = (typeof layers)[number]

/** Files and folders directly under server/ (and shared/) that everything stands on; they may import each other. */
const ground = ['assert', 'clock', 'config', 'events', 'limits', 'log', 'random', 'shared', 'version']

/** Only these read settings; everyone else is given values, and may name their type. */
const settingReaders: readonly (Layer | undefined)[] = ['main', 'cli', 'start']

function layerOf(path: string): Layer | undefined {
  const name = path.startsWith('shared/') ? 'shared' : /^server\/([^/.]+)/.exec(path)?.[1]
  if (name === undefined) return undefined
  return ground.includes(name) ? 'ground' : layers.find(layer => layer === name)
}

function isLocal(target: string): boolean {
  return target.startsWith('server/') || target.startsWith('shared/')
}

const importOrder: Rule = {
  name: `imports in server/ point one way: ${layers.join(' | ')}`,
  check: sources =>
    sources.filter(isServer).flatMap(source => {
      const from = layerOf(source.path)
      if (from === undefined) return [`${source.path}:1: has no place in the order of layers`]
      return importsOf(source)
        .filter(({ target }) => isLocal(target))
        .filter(({ target }) => {
          const to = layerOf(target)
          return to === undefined || layers.indexOf(to) < layers.indexOf(from)
        })
        .map(({ target, line }) => `${source.path}:${line}: ${from} may not import ${target}`)
    }),
  violations: [
    [{ path: 'server/store/a.ts', text: "import { b } from '../session/b.ts'" }],
    [{ path: 'server/protocol/a.ts', text: "import type { B } from '../broker/b.ts'" }],
    [{ path: 'server/config/a.ts', text: "export { b } from '../transport/b.ts'" }],
    [{ path: 'server/utils/a.ts', text: '' }],
  ],
}

const settingsAreGiven: Rule = {
  name: 'only the start reads settings; others import their types',
  check: sources =>
    sources.filter(isServer).flatMap(source =>
      importsOf(source)
        .filter(({ target, kind }) => kind === 'value' && target.startsWith('server/config/'))
        .filter(
          () => !source.path.startsWith('server/config/') && !settingReaders.includes(layerOf(source.path)),
        )
        .map(({ target, line }) => `${source.path}:${line}: may import only types from ${target}`),
    ),
  violations: [[{ path: 'server/session/a.ts', text: "import { schema } from '../config/schema.ts'" }]],
}

const sharedStandsAlone: Rule = {
  name: 'shared/ runs in browsers too, so it imports only from shared/',
  check: sources =>
    sources
      .filter(source => isTypeScript(source) && source.path.startsWith('shared/'))
      .flatMap(source =>
        importsOf(source)
          .filter(({ target }) => !target.startsWith('shared/') && target !== 'typebox')
          .map(({ target, line }) => `${source.path}:${line}: may not import ${target}`),
      ),
  violations: [[{ path: 'shared/a.ts', text: "import { readFileSync } from 'node:fs'" }]],
}

const noSchemasInPages: Rule = {
  name: 'pages take only types from files with schemas, whose library is bigger than a page',
  check: sources => {
    const withSchemas = new Set(
      sources
        .filter(source => isTypeScript(source) && source.path.startsWith('shared/'))
        .filter(source => valueTargets(source).includes('typebox'))
        .map(({ path }) => path),
    )
    return sources
      .filter(({ path }) => /^dashboard\/(?!dist\/).*\.(ts|svelte)$/.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/^import (?!type )([^']*?) from '((?:\.\.\/)+)(shared\/[^']+)'/gm)]
          .filter(([, names = '', , target = '']) => withSchemas.has(target) && !onlyTypes(names))
          .map(([, , , target]) => `${path}:1: may import only types from ${target}`),
      )
  },
  violations: [
    [
      { path: 'shared/a.ts', text: "import Type from 'typebox'" },
      { path: 'dashboard/pages/B.svelte', text: "import { type A, a } from '../../shared/a.ts'" },
    ],
  ],
}

/** Of the names between the braces of an import. */
function onlyTypes(names: string): boolean {
  return names
    .replace(/[{}]/g, '')
    .split(',')
    .every(name => /^\s*(type\s|$)/.test(name))
}

const noCycles: Rule = {
  name: 'imports form no cycle, types aside: two shapes may name each other',
  check: sources => {
    const graph = new Map(
      sources
        .filter(source => isTypeScript(source) && isLocal(source.path))
        .map(source => [source.path, valueTargets(source)] as const),
    )
    return findCycles(graph).map(cycle => `${cycle[0]}:1: ${cycle.join(' -> ')}`)
  },
  violations: [
    [
      { path: 'server/session/a.ts', text: "import { b } from './b.ts'" },
      { path: 'server/session/b.ts', text: "import { c } from './c.ts'" },
      { path: 'server/session/c.ts', text: "import { b } from './b.ts'" },
    ],
  ],
}

function valueTargets(source: Source): readonly string[] {
  return importsOf(source)
    .filter(({ kind }) => kind === 'value')
    .map(({ target }) => target)
}

/** Depth first: a file met again on the path that leads to it closes a cycle. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const finished = new Set<string>()
  const cycles: string[][] = []
  const path: string[] = []
  const visit = (file: string): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file])
      return
    }
    if (finished.has(file)) return
    path.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    path.pop()
    finished.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return cycles
}

/** Packages and modules that one place in server/ alone may import. */
const owners: readonly { readonly what: RegExp; readonly by: RegExp; readonly because: string }[] = [
  {
    what: /^mqtt-packet$/,
    by: /^server\/protocol\/encoder\.ts$/,
    because: 'it is not safe to parse with, so it only ever encodes',
  },
  {
    what: /^(node:)?events$/,
    by: /^server\/transport\//,
    because: 'the core returns values; emitters hide who acts',
  },
  {
    what: /^(@fastify\/websocket|ws)$/,
    by: /^server\/(transport|admin|start)\b/,
    because: 'sockets have one owner',
  },
  {
    what: /^prom-client$/,
    by: /^server\/admin\/metrics\//,
    because: 'counts are plain numbers; metrics are made of them when somebody asks',
  },
  {
    what: /^yaml$/,
    by: /^server\/(config\/|cli\/admin\/profile\.ts$)/,
    because: 'one folder reads settings, one file the profiles of the admin client',
  },
]

const oneOwner: Rule = {
  name: 'some packages have one owner in server/',
  check: sources =>
    sources
      .filter(isServer)
      .flatMap(source =>
        importsOf(source).flatMap(({ target, line }: Import) =>
          owners
            .filter(owner => owner.what.test(target) && !owner.by.test(source.path))
            .map(owner => `${source.path}:${line}: may not import ${target}: ${owner.because}`),
        ),
      ),
  violations: [
    [{ path: 'server/protocol/decoder.ts', text: "import { parser } from 'mqtt-packet'" }],
    [{ path: 'server/broker/a.ts', text: "import { EventEmitter } from 'node:events'" }],
    [{ path: 'server/broker/a.ts', text: "import { Counter } from 'prom-client'" }],
    [{ path: 'server/session/a.ts', text: "import type { WebSocket } from 'ws'" }],
  ],
}

export const importRules: readonly Rule[] = [
  importOrder,
  settingsAreGiven,
  sharedStandsAlone,
  noSchemasInPages,
  noCycles,
  oneOwner,
]

/** For the test that the rules leave well-formed code alone. */
export const wellFormedImports: readonly Source[] = [
  {
    path: 'server/session/a.ts',
    text: "import type { Settings } from '../config/schema.ts'\nimport { b } from './b.ts'",
  },
  { path: 'server/session/b.ts', text: "import { c } from '../store/c.ts'\nimport { log } from '../log.ts'" },
  { path: 'server/session/c.ts', text: "import type { D } from './d.ts'" },
  { path: 'server/session/d.ts', text: "import type { C } from './c.ts'" },
  { path: 'server/protocol/encoder.ts', text: "import { generate } from 'mqtt-packet'" },
]
