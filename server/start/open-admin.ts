// Composition of what the operator's side keeps in the side database: accounts, audit, answers that may be asked again.

import { Idempotency } from '../admin/api/idempotency.ts'
import { Audit } from '../admin/audit/audit.ts'
import { Access } from '../admin/auth/access.ts'
import { setupUrl } from '../admin/auth/setup-link.ts'
import { KeptSettings } from '../admin/settings/kept-settings.ts'
import { Views } from '../admin/views/views.ts'
import type { Clock } from '../clock.ts'
import type { LiveSettings } from '../config/live-settings.ts'
import type { Log } from '../log.ts'
import type { SideDatabase } from '../store/side/side-database.ts'

export interface AdminParts {
  readonly access: Access
  readonly audit: Audit
  readonly kept: KeptSettings
  readonly views: Views
  readonly idempotency: Idempotency
  /** Writes down what was seen and counted last. */
  close(): Promise<void>
}

export interface AdminGiven {
  readonly side: SideDatabase
  readonly liveSettings: LiveSettings
  readonly clock: Clock
  readonly log: Log
}

/** Rejects with SideProblem. */
export async function openAdmin({ side, liveSettings, clock, log }: AdminGiven): Promise<AdminParts> {
  const settings = liveSettings.current
  const loginTimes = () => ({ idleMs: settings.adminLoginIdleMs, ageMs: settings.adminLoginAgeMs })
  const access = new Access({ side, clock, log, loginTimes })
  const kept = new KeptSettings(liveSettings, side)
  const limits = () => ({ ageMs: settings.auditAgeMs, recordsMax: settings.auditRecordsMax })
  const audit = new Audit({ side, clock, log, limits })
  const views = new Views(side)
  const idempotency = new Idempotency(side, clock)
  await kept.open(log)
  await access.open()
  await audit.open()
  await views.open()
  await idempotency.open()
  const stopAccess = access.start()
  const stopAudit = audit.start()
  return {
    access,
    audit,
    kept,
    views,
    idempotency,
    close: async () => {
      await stopAccess()
      await stopAudit()
    },
  }
}

/** A new one, which ends the one before; undefined where there is no page to open it on. */
export function setupLinkOf(access: Access, url: string | undefined): string | undefined {
  return url === undefined ? undefined : setupUrl(url, access.setupLink.issue(access.now()).token)
}
