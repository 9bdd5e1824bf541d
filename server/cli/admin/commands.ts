// All commands that talk to the admin API of a running broker.

import type { Command } from '../command.ts'
import { keyCommands } from './accounts/keys.ts'
import { userCommands } from './accounts/users.ts'
import { adminCommand } from './admin-command.ts'
import { auditCommands } from './broker/audit.ts'
import { conflictCommands } from './broker/conflicts.ts'
import { eventCommands } from './broker/event-commands.ts'
import { retainedCommands } from './broker/retained.ts'
import { topicMatchCommand } from './broker/topics.ts'
import { operationCommands } from './plans/operations.ts'
import { planCommands } from './plans/plans.ts'
import { undoCommands } from './plans/undo.ts'
import { sessionListCommands } from './sessions/list.ts'
import { sessionTimelineCommand } from './sessions/timeline.ts'

export const adminCommands: readonly Command[] = [
  ...sessionListCommands,
  sessionTimelineCommand,
  ...planCommands,
  ...operationCommands,
  ...undoCommands,
  ...eventCommands,
  ...conflictCommands,
  ...retainedCommands,
  topicMatchCommand,
  ...auditCommands,
  ...userCommands,
  ...keyCommands,
].map(adminCommand)
