// Ceilings of the history that are not settings, each with its reason.

/** Rows of one client in its timeline: weeks of a phone that comes and goes, and one page that a person reads. */
export const CLIENT_ROWS_MAX = 500
/** How far past it a client may get before its oldest rows are deleted: fifty at once cost as much as one. */
export const CLIENT_ROWS_SPARE = 50
/** With the store in memory the history is on the heap of a thread, at about 300 bytes a row. */
export const ROWS_IN_MEMORY_MAX = 50_000
/** The share of all rows that may belong to sessions that end with their connection. */
export const PASSING_SHARE = 0.25
/** Rows that wait for the disk, about 300 bytes each; what comes while so many wait is counted and left out. */
export const ROWS_PENDING_MAX = 50_000
/** Rows in one write: a few milliseconds on the event loop, and no longer than that for others who ask. */
export const ROWS_PER_WRITE = 1_000
/** Writes that the thread has not answered; more would only move the waiting from here to there. */
export const WRITES_UNDERWAY_MAX = 2
/** Rows deleted in one write. */
export const ROWS_PER_DELETE = 2_000

/**
 * What a client may write into its timeline before its rows are folded into one of their kind: a burst, then so
 * many an hour. A client that reconnects ten times a second for ever leaves the last 16 hours readable.
 */
export const ROWS_BURST = 60
export const ROWS_PER_HOUR = 30
/** The same for all refused clients without a session together: who tries ever other ids must not push out the rest. */
export const STRANGERS_ROWS_BURST = 1_000
export const STRANGERS_ROWS_PER_HOUR = 600
/** A folded row grows for so long before another one is begun. */
export const FOLD_MS = 3_600_000
/** Clients whose pace is remembered; those seen longest ago are forgotten and have their burst again. */
export const PACES_MAX = 40_000

/** Losses of one session for one reason are one row of its timeline until there was a pause of this long... */
export const EPISODE_PAUSE_MS = 15 * 60_000
/** ...or it has gone on for this long: at most four rows a day. */
export const EPISODE_MS = 6 * 3_600_000
/** Sessions whose losses are written in a second; a fan-out to a hundred thousand is on the disk within a minute. */
export const LOSSES_PER_WRITE = 2_000

/** Single losses that are remembered of one session for one reason in a minute: so many first, so many last. */
export const SAMPLES_FIRST = 4
export const SAMPLES_LAST = 4
/** Sessions and reasons whose last losses are remembered at a time; of the others the first ones are. */
export const LAST_SAMPLES_MAX = 500
/** Single losses remembered in a minute, of all sessions: a flood leaves ten minutes of the ledger readable. */
export const SAMPLES_PER_MINUTE = 10_000
/** Lost messages that are read from the disk in a minute to name their topic and publisher: 30 us each of the store's thread. */
export const LOOKS_PER_MINUTE = 2_000
export const LOOK_BYTES_MAX = 65_536
export const SAMPLES_PER_WRITE = 2_000
export const CLIENT_SAMPLES_MAX = 200
export const CLIENT_SAMPLES_SPARE = 40
export const SAMPLES_MAX = 100_000

/** Texts from outside are cut to this in the history; a topic may have 64 KiB. */
export const TEXT_CHARACTERS_MAX = 512
/** Topic filters named in one row; their number is always right. */
export const FILTERS_NAMED_MAX = 20

/** Takeovers in this window that make a conflict: a phone that changes networks takes over from itself once. */
export const CONFLICT_WINDOW_MS = 60_000
export const CONFLICT_TAKEOVERS = 3
/** A conflict that is over is still shown for a day. */
export const CONFLICT_KEPT_MS = 86_400_000
/** Client ids whose takeovers are remembered, 3 KiB each at most; the one taken over longest ago is forgotten. */
export const FIGHTS_MAX = 5_000
/** The strip of who took over, and the different places they came from. */
export const STRIP_MAX = 50
export const CONTENDERS_MAX = 8

/** Readings kept for charts: 24 hours of one every 15 seconds, about 0.6 MB. */
export const SAMPLE_MS = 15_000
export const SERIES_SAMPLES_MAX = 5_760
/** Points in one answer. */
export const SERIES_POINTS_MAX = 2_000

/** Client ids in one question for lifelines, and segments of each: more than a screen has pixels for. */
export const LIFELINE_CLIENTS_MAX = 1_000
export const LIFELINE_ROWS_MAX = 100
/** Lifelines read at a time: what is parsed in one turn of the event loop. */
export const LIFELINES_PER_READ = 200

/** Rows in one page of anything. */
export const PAGE_ROWS_MAX = 1_000
