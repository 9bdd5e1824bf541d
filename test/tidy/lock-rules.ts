// Rules for package-lock.json: `npm ci` accepts it on every platform, and it names no host.

import type { Rule, Source } from './source.ts'

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { readonly resolved?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }
    >
  >
}

function checkLocks(sources: readonly Source[], check: (lock: Lock) => readonly string[]): readonly string[] {
  return sources
    .filter(source => source.path === 'package-lock.json')
    .flatMap(source => check(JSON.parse(source.text)).map(sentence => `${source.path}: ${sentence}`))
}

function lockFile(packages: Lock['packages']): readonly Source[] {
  return [{ path: 'package-lock.json', text: JSON.stringify({ packages }) }]
}

const allPlatforms: Rule = {
  name: 'package-lock.json has an entry for each optional package, or npm ci refuses it',
  check: sources =>
    checkLocks(sources, lock =>
      Object.entries(lock.packages).flatMap(([path, entry]) =>
        Object.entries(entry.optionalDependencies ?? {})
          .filter(
            ([name]) =>
              lock.packages[`${path}/node_modules/${name}`] === undefined &&
              lock.packages[`node_modules/${name}`] === undefined,
          )
          .map(
            ([name, version]) => `no entry for ${name} ${version}: copy that of a sibling, without integrity`,
          ),
      ),
    ),
  violations: [lockFile({ 'node_modules/a': { optionalDependencies: { 'a-darwin': '1.0.0' } } })],
}

const noHosts: Rule = {
  name: 'package-lock.json names no registry',
  check: sources =>
    checkLocks(sources, lock =>
      Object.entries(lock.packages)
        .filter(([, entry]) => entry.resolved !== undefined)
        .map(([path]) => `${path} has a resolved address; .npmrc asks npm to leave it out`),
    ),
  violations: [lockFile({ 'node_modules/a': { resolved: 'an address' } })],
}

export const lockRules: readonly Rule[] = [allPlatforms, noHosts]
