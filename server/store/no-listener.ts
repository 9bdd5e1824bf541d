// Who listens to an engine before it is opened: nobody.

import type { StoreListener } from './store.ts'

export const NO_LISTENER: StoreListener = {
  available: () => undefined,
  expiring: () => undefined,
  lost: () => undefined,
  offered: () => 'left',
  changed: () => undefined,
}
