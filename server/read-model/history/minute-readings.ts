// Readings for the disk: the mean of each minute, kept for a day.

import { type SeriesName, seriesNames } from '../../../shared/history.ts'
import type { Millis } from '../../clock.ts'
import type { SideStatement } from '../../store/side/side-messages.ts'
import { SAMPLE_MS, SERIES_SAMPLES_MAX } from './limits.ts'
import type { Reading } from './series.ts'

const READINGS_A_MINUTE = 60_000 / SAMPLE_MS

export class MinuteReadings {
  #readings: Reading[] = []

  /** What is to be written now; nothing until the minute is full. */
  learn(at: Millis, measured: Reading): readonly SideStatement[] {
    this.#readings.push(measured)
    if (this.#readings.length < READINGS_A_MINUTE) return []
    const readings = this.#readings
    this.#readings = []
    const mean = (name: SeriesName): number =>
      readings.reduce((sum, one) => sum + one[name], 0) / readings.length
    const means = Object.fromEntries(seriesNames.map(name => [name, Math.round(mean(name) * 1000) / 1000]))
    return [
      ['INSERT OR REPLACE INTO history_reading (at, data) VALUES (?, ?)', at, JSON.stringify(means)],
      ['DELETE FROM history_reading WHERE at < ?', at - SERIES_SAMPLES_MAX * SAMPLE_MS],
    ]
  }
}
