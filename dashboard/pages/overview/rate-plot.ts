// The chart of the rates, drawn by uPlot; a file of its own, because it is as big as the rest of the page.

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ThemeColours } from '../../app/theme-colours.svelte.ts'
import type { Rates } from './rates.ts'

const HEIGHT = 208
const FONT = '12px "Hyperlegible Next", system-ui, sans-serif'
const DAY_SECONDS = 86_400

export class RatePlot {
  readonly #plot: uPlot

  /** `pointed` hears over which reading the mouse is; undefined when it has left. */
  constructor(target: HTMLElement, colours: ThemeColours, pointed: (index: number | undefined) => void) {
    const options: uPlot.Options = {
      width: target.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
      padding: [8, 8, 0, 0],
      scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
      axes: [
        { ...axis(colours), size: 28, values: (_, splits) => splits.map(timeInWords(splits)) },
        {
          ...axis(colours),
          size: 52,
          values: (_, splits) => splits.map(split => split.toLocaleString('en-GB')),
        },
      ],
      series: [{}, line(colours.accent, []), line(colours.waiting, [6, 2]), line(colours.danger, [2, 2])],
      hooks: { setCursor: [({ cursor }) => pointed(cursor.idx ?? undefined)] },
    }
    this.#plot = new uPlot(options, [[], [], [], []], target)
  }

  show(rates: Rates): void {
    this.#plot.setData([[...rates.at], [...rates.in], [...rates.out], [...rates.dropped]])
  }

  resize(width: number): void {
    this.#plot.setSize({ width, height: HEIGHT })
  }

  destroy(): void {
    this.#plot.destroy()
  }
}

function line(stroke: string, dash: number[]): uPlot.Series {
  return { stroke, width: 1.5, dash, points: { show: false }, spanGaps: false }
}

function axis(colours: ThemeColours): uPlot.Axis {
  return {
    stroke: colours['ink-3'],
    font: FONT,
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
  }
}

/** With the day where it is not the same one everywhere. */
function timeInWords(splits: readonly number[]): (seconds: number) => string {
  const isLong = (splits.at(-1) ?? 0) - (splits[0] ?? 0) > DAY_SECONDS
  const options: Intl.DateTimeFormatOptions = isLong
    ? { weekday: 'short', hour: '2-digit', minute: '2-digit' }
    : { hour: '2-digit', minute: '2-digit' }
  return seconds => new Date(seconds * 1_000).toLocaleString('en-GB', options)
}
