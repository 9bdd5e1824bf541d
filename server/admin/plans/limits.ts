// Ceilings of plans, each with its reason.

/** What was shown to be confirmed is not to be much older than the glance at it. */
export const PLAN_VALID_MS = 5 * 60_000
/** An expired plan is kept so long, to say what has changed since. */
export const PLAN_KEPT_MS = 60 * 60_000
/** Plans that one actor may have open: pages are opened again and again, and programs forget. The oldest gives way. */
export const OPEN_PLANS_MAX = 20
/** Items of all plans that nobody has executed; some 100 bytes each on the disk. Expired plans give way first. */
export const IDLE_ITEMS_MAX = 3_000_000
/** Who may wait for their plan while another one is being made, which takes memory for all its items. */
export const MAKING_MAX = 8
/** How many items a page of items may look at when it searches. */
export const SEARCHED_ITEMS_MAX = 51_200
