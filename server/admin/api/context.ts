// What the routes of the admin API are given.

import type { Broker } from '../../broker/broker.ts'
import type { Clock } from '../../clock.ts'
import type { Settings } from '../../config/schema.ts'
import type { Log } from '../../log.ts'
import type { History } from '../../read-model/history/history.ts'
import type { SessionTable } from '../../read-model/session-table.ts'
import type { Acting } from '../acting.ts'
import type { Audit } from '../audit/audit.ts'
import type { Access } from '../auth/access.ts'
import type { LabParts } from '../lab/lab.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { KeptSettings } from '../settings/kept-settings.ts'
import type { Views } from '../views/views.ts'
import type { ServerFacts } from './server-facts.ts'

export interface ApiContext {
  readonly broker: Broker
  readonly history: History
  readonly acting: Acting
  readonly table: SessionTable
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly server: ServerFacts
  readonly access: Access
  readonly audit: Audit
  readonly kept: KeptSettings
  readonly views: Views
  readonly live: LiveHub
  readonly lab: LabParts
  /** Everything that changes something is refused. */
  readonly readOnly: () => boolean
}
