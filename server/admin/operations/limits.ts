// Ceilings and times of operations, each with its reason.

/** How often a running operation looks what is due: at 200 items a second it is ten at a time. */
export const TICK_MS = 50
/** Items that are being done at a time: to close a connection may take a second. */
export const ACTING_MAX = 256
/** How often results go to the disk; a crash costs a second look at what was done since. */
export const SAVE_EVERY_MS = 250
export const UNSAVED_MAX = 1_000
/** A database that does not take them is asked again. */
export const SAVE_RETRY_MS = 1_000
/** So many items may begin before the disk has to be asked again, at least. */
export const BEGIN_AHEAD_MIN = 64
/** Members that are read at a time. */
export const READ_AHEAD = 256
/** Operations that run at a time; each has a pace of its own. */
export const RUNNING_MAX = 16
/** Operations are kept so long, and so many, and so many items of all of them. */
export const OPERATIONS_KEPT_MS = 30 * 86_400_000
export const OPERATIONS_KEPT_MAX = 20_000
export const ITEMS_KEPT_MAX = 3_000_000
