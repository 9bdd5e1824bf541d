// Writes pictures of the pages in each of their states, in light and dark, wide and narrow, into screenshots/, to be looked at
// by people.
//
//   npm run screenshots -- [NAME...]    only those whose name begins so; scripts/screenshots/ has them all

import { globSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { logIn, themes, widths } from '../test/browser/console-page.ts'
import { launchChromium } from '../test/harness/chromium.ts'
import { requireProgram } from '../test/harness/programs.ts'
import { fleet, ownBroker, type Stage } from './screenshots/fleet.ts'
import type { Shot } from './screenshots/shot.ts'

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))
const heights = { 1280: 800, 720: 1000, 360: 740 } as const
const helpers = /\/(fleet|shot)\.ts$/

const wanted = process.argv.slice(2)
const shots = (await allShots()).filter(
  ({ name }) => wanted.length === 0 || wanted.some(one => name.startsWith(one)),
)
const program = await requireProgram('chromium')
if ('skip' in program) throw new Error(program.skip)
mkdirSync(folder, { recursive: true })
const browser = await launchChromium(program.path)
const stages = new Map<'fleet' | 'empty', Stage>()
try {
  for (const shot of shots) await takeAll(browser, shot)
} finally {
  await browser.close()
  for (const stage of stages.values()) await stage.end()
}

async function allShots(): Promise<readonly Shot[]> {
  const files = globSync(fileURLToPath(new URL('screenshots/*.ts', import.meta.url))).sort()
  const modules = await Promise.all(
    files
      .filter(file => !helpers.test(file))
      .map(file => import(file) as Promise<{ shots: readonly Shot[] }>),
  )
  return modules.flatMap(module => module.shots)
}

/** Those that all may look at are started when the first one does. */
async function stageOf({ broker }: Shot): Promise<Stage> {
  if (typeof broker === 'object') return ownBroker(broker)
  const known = stages.get(broker)
  if (known !== undefined) return known
  const stage = broker === 'fleet' ? await fleet() : await ownBroker({})
  stages.set(broker, stage)
  return stage
}

async function takeAll(browser: Browser, shot: Shot): Promise<void> {
  const stage = await stageOf(shot)
  for (const colorScheme of themes) {
    for (const width of widths) {
      const viewport = { width, height: heights[width] }
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
      if (shot.as !== 'nobody') await logIn(context, stage[shot.as ?? 'admin'])
      const page = await context.newPage()
      await shot.prepare?.(page)
      await page.goto(stage.url + shot.path)
      // Not after a broker has been stopped that was to send them.
      await page.evaluate('document.fonts.ready')
      await shot.show(page, stage)
      await page.mouse.move(0, 0)
      // What stays at the edges of the window would stand in the middle of a picture of the whole page.
      await page.evaluate('scrollTo(0, 0)')
      const file = `${shot.name}-${width}-${colorScheme}.png`
      await page.screenshot({ path: folder + file, fullPage: true })
      console.log(`screenshots/${file}`)
      await context.close()
    }
  }
  if (typeof shot.broker === 'object') await stage.end()
}
