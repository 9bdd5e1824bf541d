// All commands that talk to the admin API of a running broker.

import type { Command } from '../command.ts'
import { keyCommands } from './accounts/keys.ts'
import { userCommands } from './accounts/users.ts'
import { adminCommand } from './admin-command.ts'

export const adminCommands: readonly Command[] = [...userCommands, ...keyCommands].map(adminCommand)
