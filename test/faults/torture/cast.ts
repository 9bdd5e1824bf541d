// Who takes part in a run: publishers and subscribers of both QoS and both versions, with different habits.

import type { Account, Stream } from './ledger.ts'
import { MadeSessions } from './made-sessions.ts'
import { type Outgoing, Publisher } from './publisher.ts'
import { Retained } from './retained.ts'
import { type Habit, Subscriber } from './subscriber.ts'
import { Wills, willFilter } from './wills.ts'
import type { World } from './world.ts'

const TOPICS_EACH = 4
const PUBLISHERS = 6
const LARGE_PADDING = 20_000

const stays: Habit = { stays: undefined, away: [20, 80], answersAfter: undefined }
const comesAndGoes: Habit = { stays: [50, 900], away: [20, 1200], answersAfter: undefined }
const seldomThere: Habit = { stays: [1500, 3000], away: [4000, 9000], answersAfter: undefined }
const answersLate: Habit = { stays: [3000, 6000], away: [20, 80], answersAfter: [1, 12] }

interface SubscriberPlan {
  readonly name: string
  readonly protocolVersion: 4 | 5
  readonly qos: 1 | 2
  readonly filters: readonly string[]
  readonly habit: Habit
}

const subscriberPlans: readonly SubscriberPlan[] = [
  { name: 'stays-1', protocolVersion: 5, qos: 1, filters: ['t/#'], habit: stays },
  { name: 'stays-2', protocolVersion: 4, qos: 2, filters: ['t/#'], habit: stays },
  { name: 'comes-and-goes-1', protocolVersion: 4, qos: 1, filters: ['t/#'], habit: comesAndGoes },
  { name: 'comes-and-goes-2', protocolVersion: 5, qos: 2, filters: ['t/#'], habit: comesAndGoes },
  { name: 'seldom-there-1', protocolVersion: 5, qos: 1, filters: ['t/+/0', 't/+/1'], habit: seldomThere },
  { name: 'seldom-there-2', protocolVersion: 4, qos: 2, filters: ['t/+/2'], habit: seldomThere },
  { name: 'answers-late-1', protocolVersion: 5, qos: 1, filters: ['t/+/0'], habit: answersLate },
  { name: 'answers-late-2', protocolVersion: 5, qos: 2, filters: ['t/+/1'], habit: answersLate },
  { name: 'overlapping-1', protocolVersion: 5, qos: 1, filters: ['t/0/#', 't/+/3'], habit: comesAndGoes },
]

const SHARED_FILTER = 't/+/0'
const sharedMembers: readonly Habit[] = [stays, comesAndGoes, comesAndGoes]

export interface Cast {
  readonly publishers: readonly Publisher[]
  readonly subscribers: readonly Subscriber[]
  readonly retained: Retained
  readonly made: MadeSessions
  readonly wills: Wills
}

export function assemble(world: World): Cast {
  const retained = new Retained(world)
  const wills = new Wills(world)
  const subscribers = subscriberPlans.map(plan => {
    const account = world.ledger.account(plan.name, plan.qos, true)
    return subscriberOf(world, plan, [account], plan.filters)
  })
  for (const qos of [1, 2] as const) subscribers.push(...sharedGroup(world, qos))
  subscribers.push(
    new Subscriber(world, {
      clientId: 'will-watcher',
      protocolVersion: 5,
      qos: 1,
      filters: [willFilter],
      habit: stays,
      subscribed: () => undefined,
      deliver: (_topic, payload) => wills.arrive(payload),
    }),
  )
  const publishers = Array.from({ length: PUBLISHERS }, (_, number) => publisherOf(world, number))
  publishers.push(
    new Publisher(world, {
      clientId: 'retained-publisher',
      protocolVersion: 5,
      qos: 1,
      window: 5,
      burstMax: 2,
      next: () => retained.next(),
    }),
  )
  return { publishers, subscribers, retained, made: new MadeSessions(world), wills }
}

function subscriberOf(
  world: World,
  plan: SubscriberPlan,
  accounts: readonly Account[],
  counted: readonly string[],
): Subscriber {
  return new Subscriber(world, {
    clientId: plan.name,
    protocolVersion: plan.protocolVersion,
    qos: plan.qos,
    filters: plan.filters,
    habit: plan.habit,
    subscribed: () => {
      for (const account of accounts) for (const filter of counted) world.ledger.subscribe(account, filter)
    },
    deliver: (topic, payload) => {
      for (const account of accounts) world.ledger.deliver(account, topic, payload)
    },
  })
}

/** The group as a whole is owed each message once; which member gets it is the broker's choice. */
function sharedGroup(world: World, qos: 1 | 2): Subscriber[] {
  const account = world.ledger.account(`shared-${qos}`, qos, false)
  return sharedMembers.map((habit, number) => {
    const name = `shared-${qos}-${number}`
    const filters = [`$share/group-${qos}/${SHARED_FILTER}`]
    return subscriberOf(world, { name, protocolVersion: 5, qos, filters, habit }, [account], [SHARED_FILTER])
  })
}

function publisherOf(world: World, number: number): Publisher {
  const { random, ledger } = world
  const qos = number % 2 === 0 ? 1 : 2
  const streams = Array.from({ length: TOPICS_EACH }, (_, topic) =>
    ledger.stream(`t/${number}/${topic}`, qos),
  )
  return new Publisher(world, {
    clientId: `publisher-${number}`,
    protocolVersion: number < PUBLISHERS / 2 ? 5 : 4,
    qos,
    window: 1 + random.below(15),
    burstMax: 1 + random.below(4),
    next: () => nextOf(world, random.pick(streams)),
  })
}

function nextOf({ ledger, random }: World, stream: Stream): Outgoing {
  const { counter, payload } = ledger.send(stream, random.once(200) ? LARGE_PADDING : random.below(300))
  return {
    topic: stream.topic,
    payload,
    retain: false,
    acknowledged: () => ledger.acknowledge(stream, counter),
  }
}
