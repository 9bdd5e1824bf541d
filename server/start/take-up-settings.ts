// Hands what an operator has changed to those who do not read it anew each time.

import type { StuckRule } from '../../shared/stuck-rule.ts'
import { defaultStuckRule } from '../../shared/stuck-rule.ts'
import type { Broker } from '../broker/broker.ts'
import type { LiveSettings } from '../config/live-settings.ts'
import type { Settings } from '../config/schema.ts'
import type { SessionTable } from '../read-model/session-table.ts'

/** Now and after each change; returns how to stop. */
export function takeUpSettings(live: LiveSettings, { parts }: Broker, table: SessionTable): () => void {
  let rule = table.stuckRule
  const takeUp = (): void => {
    const { undoWindowMs: windowMs, undoBytesMax: bytesMax } = live.current
    parts.undo.limits = { windowMs, bytesMax }
    const wanted = ruleOf(live.current)
    if (JSON.stringify(wanted) === JSON.stringify(rule)) return
    rule = wanted
    void table.setStuckRule(wanted)
  }
  takeUp()
  return live.onChange(takeUp)
}

function ruleOf(settings: Settings): StuckRule {
  return {
    ...defaultStuckRule,
    offlineMs: settings.stuckOfflineMs,
    fullPercent: settings.stuckFullPercent,
    inflightUnmovedMs: settings.stuckInflightMs,
    offlineWithoutExpiryMs: settings.stuckUnexpiringMs,
  }
}
