// Ceilings that are not settings, each with its reason.

/** Distinct topics whose bytes, text and receivers are remembered; two halves, the older one is dropped whole. */
export const TOPIC_CACHE_TOPICS_MAX = 65_536
/** Topics that may share one hash before the oldest of them is forgotten; a flood of collisions stays linear. */
export const TOPIC_CACHE_CHAIN_MAX = 8
/** A longer topic is decoded each time: remembering it would let 65,536 topics of 4 KiB hold 256 MiB. */
export const TOPIC_CACHE_BYTES_MAX = 512

/** First outgoing block of a connection in a turn: enough for a few messages, little for 10,000 connections. */
export const SMALL_BLOCK_BYTES = 4_096
/** Further blocks in the same turn; one system call takes them all. */
export const LARGE_BLOCK_BYTES = 65_536
/** Idle blocks kept for reuse: 4 MiB of each size. */
export const SMALL_BLOCKS_KEPT_MAX = 1_024
export const LARGE_BLOCKS_KEPT_MAX = 64
/** A payload of this size or more is handed to the socket where it lies instead of being copied. */
export const COPY_BYTES_MAX = 16_384

/** Unsent bytes at which QoS 1 and 2 stay in the queue: above one socket buffer, below the QoS 0 drop limit. */
export const SOCKET_FULL_BYTES = 262_144
/** Answers waiting for the store at which a connection is no longer read: a publisher cannot outrun the disk. */
export const UNSAFE_REPLIES_MAX = 2_048
/** In-flight messages a client may ask for with Receive Maximum. */
export const RECEIVE_MAXIMUM_MAX = 1_024

/** Client identifiers that operators keep out at a time: some 300 bytes each, for conflicts that people handle. */
export const HOLDS_MAX = 10_000

/** What a tombstone counts as beside the messages it holds, and each of its subscriptions: memory and disk together. */
export const TOMBSTONE_BYTES = 1_024
export const TOMBSTONE_SUBSCRIPTION_BYTES = 256

/** A reassembly buffer starts no bigger than this whatever length was declared, and doubles as bytes arrive. */
export const REASSEMBLY_BYTES_START = 4_096

/** Topics whose match is remembered, when it names many receivers, would pin their sessions; it is rebuilt instead. */
export const MATCH_CACHE_RECEIVERS_MAX = 100_000

/** Changed sessions that the read model takes up in one turn. More are taken turn by turn. */
export const FOLD_SESSIONS_MAX = 2_048
/** How often the read model takes up changes while nobody asks: as fast as live lists are sent. */
export const FOLD_INTERVAL_MS = 250
/** How often all sessions are looked at for those that became stuck by time passing alone. */
export const STUCK_INTERVAL_MS = 10_000
/** Which sessions are said to expire soon, and how often they are counted. */
export const EXPIRING_SOON_MS = 3_600_000
export const EXPIRING_COUNTED_MS = 3_000
/** Time on the event loop that a look at all sessions takes before others get their turn. */
export const SCAN_SLICE_MS = 2
/** Work for one such look; the worst filter that fits into the grammar would take a minute on a million sessions. */
export const SCAN_MS_MAX = 10_000
/** Looks that wait for their turn; each is a request that somebody has open. */
export const SCANS_WAITING_MAX = 64
/** A list that nobody went on with for so long has to be begun again; a console may stay open all day. */
export const CURSOR_AGE_MS_MAX = 24 * 3_600_000
/** Different values that one question for facets counts; what comes after them is counted together. */
export const FACET_VALUES_MAX = 50_000
/** Changes of sessions that a client may have missed and still be told of, by number and by age. */
export const CHANGES_KEPT_MAX = 10_000
export const CHANGES_AGE_MS_MAX = 5 * 60_000

/** Events kept for streams that come back: minutes of a busy broker, a few MiB. */
export const LIVE_EVENTS_KEPT_MAX = 10_000
/** Whoever was away for longer looks at the list anew anyway. */
export const LIVE_EVENTS_AGE_MS_MAX = 300_000
/** Four times a second is what eyes follow. */
export const LIVE_FLUSH_MS = 250
export const LIVE_OVERVIEW_MS = 1_000
/** Sessions in one event; more are told in the turns that follow. */
export const LIVE_DELTA_SESSIONS_MAX = 64
/** Sessions whose change waits for one reader; beyond it the list is fetched anew. */
export const LIVE_KEYS_PENDING_MAX = 5_000
/** Events that wait for one reader: more than anybody reads, and what is left out is counted. */
export const LIVE_EVENTS_PENDING_MAX = 500
/** Streams at a time, of all users and of one. */
export const LIVE_STREAMS_MAX = 64
export const LIVE_STREAMS_PER_ACTOR_MAX = 4
