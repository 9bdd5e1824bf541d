// The Lab's tests: the five classic ones about clean session, the whole table of 36, and single ones about the rest.

export type LabQos = 0 | 1 | 2

export interface LabParams {
  readonly publishQos: LabQos
  readonly subscribeQos: LabQos
  /** The clean session flag of the subscriber; the publisher's does not matter. */
  readonly clean: boolean
  readonly retain: boolean
  /** What is published while the subscriber is away. */
  readonly messages: number
}

/**
 * What is done: `offline` lets the subscriber go away, be sent messages and come back, and the others do that with a
 * twist or something else.
 */
export type LabScript = 'offline' | 'erase' | 'expire' | 'overflow' | 'takeover' | 'exactly-once'

export interface LabTest {
  readonly id: string
  readonly group: 'classic' | 'more' | 'table' | 'own'
  readonly title: string
  readonly script: LabScript
  readonly params: LabParams
}

export const LAB_MESSAGES = 5
/** Of one test: enough for a full queue as brokers usually have it, and few enough to wait for. */
export const LAB_MESSAGES_MAX = 2_000
/** How many messages more than fit are sent to a queue that is to overflow. */
export const LAB_OVERFLOW = 5
/** Packets of one test that are kept; of more the middle is left out. */
export const LAB_PACKETS_MAX = 240
/** So many that a cut finds some of them half way. */
const EXACTLY_ONCE_MESSAGES = 200

export const labQos: readonly LabQos[] = [0, 1, 2]

const usual: LabParams = {
  publishQos: 1,
  subscribeQos: 1,
  clean: false,
  retain: false,
  messages: LAB_MESSAGES,
}

const classic: readonly (readonly [clean: boolean, subscribeQos: LabQos, publishQos: LabQos])[] = [
  [true, 0, 0],
  [false, 0, 0],
  [true, 1, 1],
  [false, 1, 1],
  [false, 1, 0],
]

const classicTests: readonly LabTest[] = classic.map(([clean, subscribeQos, publishQos], index) => ({
  id: `classic-${index + 1}`,
  group: 'classic',
  title: `Clean session ${clean ? 'on' : 'off'}, subscribe QoS ${subscribeQos}, publish QoS ${publishQos}`,
  script: 'offline',
  params: { ...usual, clean, subscribeQos, publishQos },
}))

const moreTests: readonly LabTest[] = [
  {
    id: 'retain-all',
    group: 'more',
    title: 'With retain, still every message and not just the last',
    script: 'offline',
    params: { ...usual, retain: true },
  },
  {
    id: 'clean-erases',
    group: 'more',
    title: 'Clean session on erases an older session',
    script: 'erase',
    params: usual,
  },
  {
    id: 'expire',
    group: 'more',
    title: 'A session expires while its client is away',
    script: 'expire',
    params: usual,
  },
  {
    id: 'overflow',
    group: 'more',
    title: 'More messages than the queue may hold',
    script: 'overflow',
    params: usual,
  },
  {
    id: 'second-tab',
    group: 'more',
    title: 'A second tab with the same client id',
    script: 'takeover',
    params: { ...usual, messages: 1 },
  },
  {
    id: 'exactly-once',
    group: 'more',
    title: 'QoS 2 exactly once, over a cut',
    script: 'exactly-once',
    params: { ...usual, publishQos: 2, subscribeQos: 2, messages: EXACTLY_ONCE_MESSAGES },
  },
]

export function cellId({ publishQos, subscribeQos, clean, retain }: Omit<LabParams, 'messages'>): string {
  return `cell-${publishQos}-${subscribeQos}-${clean ? 'clean' : 'kept'}-${retain ? 'retained' : 'plain'}`
}

const tableTests: readonly LabTest[] = labQos.flatMap(publishQos =>
  labQos.flatMap(subscribeQos =>
    [true, false].flatMap(clean =>
      [false, true].map((retain): LabTest => {
        const params = { ...usual, publishQos, subscribeQos, clean, retain }
        return {
          id: cellId(params),
          group: 'table',
          title: `Publish QoS ${publishQos}, subscribe QoS ${subscribeQos}, clean session ${clean ? 'on' : 'off'}, retain ${retain ? 'on' : 'off'}`,
          script: 'offline',
          params,
        }
      }),
    ),
  ),
)

/** With whatever somebody wants to try. */
export function ownTest(params: LabParams): LabTest {
  return { id: 'own', group: 'own', title: 'A test of your own', script: 'offline', params }
}

export const labTests: readonly LabTest[] = [...classicTests, ...moreTests, ...tableTests, ownTest(usual)]

export function findLabTest(id: string): LabTest | undefined {
  return labTests.find(test => test.id === id)
}
