// The columns that a forecast is made from.

import type { ForecastSource } from '../history/forecast.ts'
import { CONNECTED, type Columns, USED } from './columns.ts'

export function forecastSource(columns: Columns): ForecastSource {
  const { flags, expiresAt, owed, bytes } = columns
  return {
    // Asked for anew in each slice: rows may be added in between.
    get end() {
      return columns.end
    },
    isOffline: row => (flags[row]! & (USED | CONNECTED)) === USED,
    expiresAt,
    owed,
    bytes,
  }
}
