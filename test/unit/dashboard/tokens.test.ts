// The colours of tokens.css can be read: contrast of every text and state colour on what it stands on.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const TEXT_CONTRAST_MIN = 4.5
/** For outlines and marks that carry meaning without being text. */
const MARK_CONTRAST_MIN = 3

const css = readFileSync(new URL('../../../dashboard/tokens.css', import.meta.url), 'utf8')
const themes = { light: colours('light'), dark: colours('dark') } as const

const grounds = ['bg', 'surface', 'sunken', 'selected']
const states = ['good', 'idle', 'waiting', 'danger', 'conflict', 'info']
const texts = ['ink', 'ink-2', 'ink-3', 'accent', ...states]
const marks = ['line-strong']

for (const [name, theme] of Object.entries(themes)) {
  test(`every text colour has ${TEXT_CONTRAST_MIN}:1 on every ground: ${name}`, () => {
    for (const ground of grounds) {
      for (const text of texts) expectContrast(theme, text, ground, TEXT_CONTRAST_MIN)
      for (const mark of marks) expectContrast(theme, mark, ground, MARK_CONTRAST_MIN)
    }
    for (const state of states) expectContrast(theme, state, `${state}-tint`, TEXT_CONTRAST_MIN)
    for (const accent of ['accent', 'accent-strong'])
      expectContrast(theme, 'on-accent', accent, TEXT_CONTRAST_MIN)
    expectContrast(theme, 'on-danger', 'danger', TEXT_CONTRAST_MIN)
  })
}

test('black on white is 21:1', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
})

function colours(theme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const pairs = css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)
  return new Map(Array.from(pairs, match => [match[1]!, theme === 'light' ? match[2]! : match[3]!]))
}

function expectContrast(theme: ReadonlyMap<string, string>, text: string, ground: string, min: number): void {
  const [textColour, groundColour] = [theme.get(text), theme.get(ground)]
  assert.ok(textColour !== undefined && groundColour !== undefined, `${text} or ${ground} is missing`)
  const ratio = contrast(textColour, groundColour)
  assert.ok(ratio >= min, `${text} on ${ground} has ${ratio.toFixed(2)}:1`)
}

/** The contrast ratio of WCAG 2, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map(at => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
