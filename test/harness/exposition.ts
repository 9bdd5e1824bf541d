// Reads the text that a broker gives to Prometheus, strictly enough that a line it cannot read fails the test.

import assert from 'node:assert/strict'

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export class Exposition {
  /** Type by the name of the metric. */
  readonly types = new Map<string, string>()
  readonly help = new Map<string, string>()
  readonly samples: Sample[] = []

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
      if (comment !== null) (comment[1] === 'HELP' ? this.help : this.types).set(comment[2]!, comment[3]!)
      else if (line !== '') this.samples.push(sampleOf(line))
    }
  }

  /** Names that a query may ask for: those of the samples of a histogram, and of metrics that have no sample yet. */
  get names(): ReadonlySet<string> {
    const parts = ['_bucket', '_sum', '_count']
    return new Set(
      [...this.types].flatMap(([name, type]) =>
        type === 'histogram' ? parts.map(part => name + part) : [name],
      ),
    )
  }

  /** Of the only sample that has the name and at least these labels. */
  value(name: string, labels: Sample['labels'] = {}): number {
    const found = this.samples.filter(
      sample =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    assert.equal(found.length, 1, `${found.length} samples of ${name} ${JSON.stringify(labels)}`)
    return found[0]!.value
  }
}

function sampleOf(line: string): Sample {
  const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/i.exec(line)
  assert.ok(match, `not a sample: ${line}`)
  const value = match[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[3])
  assert.ok(!Number.isNaN(value), `not a number: ${line}`)
  const labels: Record<string, string> = {}
  const rest = (match[2] ?? '').replaceAll(/([a-z_]+)="((?:[^"\\]|\\.)*)",?/gi, (_all, label, text) => {
    labels[label] = text.replaceAll(/\\(.)/g, (_escaped: string, character: string) =>
      character === 'n' ? '\n' : character,
    )
    return ''
  })
  assert.equal(rest, '', `not labels: ${line}`)
  return { name: match[1]!, labels, value }
}

export async function scrape(httpUrl: string): Promise<Exposition> {
  const response = await fetch(`${httpUrl}/metrics`)
  const text = await response.text()
  assert.equal(response.status, 200, text)
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  return new Exposition(text)
}
