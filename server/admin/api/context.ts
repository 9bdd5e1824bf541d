// What the routes of the admin API are given.

import type { Broker } from '../../broker/broker.ts'
import type { Clock } from '../../clock.ts'
import type { Settings } from '../../config/schema.ts'
import type { Log } from '../../log.ts'
import type { History } from '../../read-model/history/history.ts'
import type { Acting } from '../acting.ts'
import type { Audit } from '../audit/audit.ts'
import type { Access } from '../auth/access.ts'
import type { Views } from '../views/views.ts'
import type { ServerFacts } from './server-facts.ts'

export interface ApiContext {
  readonly broker: Broker
  readonly history: History
  readonly acting: Acting
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly server: ServerFacts
  readonly access: Access
  readonly audit: Audit
  readonly views: Views
  /** Everything that changes something is refused. */
  readonly readOnly: () => boolean
}
