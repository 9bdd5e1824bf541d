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
import { verbCommand } from './sessions/acts.ts'
import { sessionListCommands } from './sessions/list.ts'
import { sessionQueueCommands } from './sessions/queue.ts'
import { sessionShowCommands } from './sessions/show.ts'
import { singleActCommands } from './sessions/single-acts.ts'
import { sessionTimelineCommand } from './sessions/timeline.ts'
import { verbs } from './sessions/verbs.ts'
import { topCommand } from './top/top.ts'

export const adminCommands: readonly Command[] = [
  ...sessionListCommands,
  ...sessionShowCommands,
  ...sessionQueueCommands,
  sessionTimelineCommand,
  ...verbs.map(verbCommand),
  ...singleActCommands,
  ...planCommands,
  ...operationCommands,
  ...undoCommands,
  topCommand,
  ...eventCommands,
  ...conflictCommands,
  ...retainedCommands,
  topicMatchCommand,
  ...auditCommands,
  ...userCommands,
  ...keyCommands,
].map(adminCommand)
