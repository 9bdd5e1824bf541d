// The version of this package, from the package.json that it was installed with.

import { existsSync, readFileSync } from 'node:fs'

export function readVersion(): string {
  // The sources lie one folder below package.json, the compiled files two.
  const candidates = ['../package.json', '../../package.json']
  const found = candidates
    .map(path => new URL(path, import.meta.url))
    .find(url => existsSync(url) && manifestAt(url).name === 'holdfast')
  return found === undefined ? 'unknown' : manifestAt(found).version
}

function manifestAt(url: URL): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(url, 'utf8'))
}
