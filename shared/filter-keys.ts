// The keys of the filter grammar: what each compares, and how its values are written.

/** How values are written; `docs/FILTERS.md` says what each form means. */
export type FilterKind =
  | 'text'
  | 'word'
  | 'count'
  | 'bytes'
  | 'percent'
  | 'age'
  | 'until'
  | 'address'
  | 'topic'

interface FilterKeyFacts {
  readonly kind: FilterKind
  /** For people who mistyped a value. */
  readonly meaning: string
  /** Only of kind 'word'. */
  readonly words?: readonly string[]
}

const yesOrNo = ['true', 'false'] as const

export const filterKeys = {
  id: { kind: 'text', meaning: 'the client identifier' },
  prefix: { kind: 'text', meaning: 'the part of the client identifier that its family shares' },
  owner: { kind: 'text', meaning: 'the user the session belongs to' },
  origin: { kind: 'text', meaning: 'the web page the client runs in' },
  agent: { kind: 'text', meaning: 'the browser, as it names itself' },
  path: { kind: 'text', meaning: 'the path of the WebSocket' },
  sub: { kind: 'text', meaning: 'a topic filter the session is subscribed to' },
  topic: { kind: 'topic', meaning: 'a topic name the session has a subscription for' },
  ip: { kind: 'address', meaning: 'an address, or a network such as 10.0.0.0/8' },
  state: {
    kind: 'word',
    meaning: 'how the session is',
    words: ['online', 'offline', 'waiting', 'stuck', 'conflict'],
  },
  stuck: { kind: 'word', meaning: 'whether the session is stuck', words: yesOrNo },
  held: { kind: 'word', meaning: 'whether the client is kept out for now', words: yesOrNo },
  clean: { kind: 'word', meaning: 'whether the client asked for a clean start', words: yesOrNo },
  proto: { kind: 'word', meaning: 'the protocol level: 3, 4 (MQTT 3.1.1) or 5', words: ['3', '4', '5'] },
  transport: { kind: 'word', meaning: 'what carries the connection', words: ['tcp', 'websocket'] },
  expiry: {
    kind: 'word',
    meaning: 'who chose when the session expires',
    words: ['client', 'policy', 'operator', 'never'],
  },
  pinned: { kind: 'word', meaning: 'whether an operator fixed the expiry', words: yesOrNo },
  queued: { kind: 'count', meaning: 'messages that wait' },
  bytes: { kind: 'bytes', meaning: 'bytes of the messages that are owed' },
  full: { kind: 'percent', meaning: 'how much of the queue is in use' },
  inflight: { kind: 'count', meaning: 'messages sent and not acknowledged' },
  dropped: { kind: 'count', meaning: 'messages lost' },
  subs: { kind: 'count', meaning: 'subscriptions' },
  seen: { kind: 'age', meaning: 'how long ago the client was connected last' },
  offline: { kind: 'age', meaning: 'for how long the client has been away' },
  online: { kind: 'age', meaning: 'for how long the client has been connected' },
  created: { kind: 'age', meaning: 'how old the session is' },
  expires: { kind: 'until', meaning: 'how soon the session expires' },
} as const satisfies Readonly<Record<string, FilterKeyFacts>>

export type FilterKey = keyof typeof filterKeys
export type KeyOf<Kind extends FilterKind> = {
  [Key in FilterKey]: (typeof filterKeys)[Key]['kind'] extends Kind ? Key : never
}[FilterKey]

export const filterKeyNames = Object.keys(filterKeys) as readonly FilterKey[]

export function isFilterKey(name: string): name is FilterKey {
  return Object.hasOwn(filterKeys, name)
}

export function factsOf(key: FilterKey): FilterKeyFacts {
  return filterKeys[key]
}

/** What people write instead, and what it stands for. */
export const wordAliases: Readonly<Partial<Record<FilterKey, Readonly<Record<string, string>>>>> = {
  proto: { '3.1': '3', '3.1.1': '4', '5.0': '5' },
  transport: { ws: 'websocket' },
}
