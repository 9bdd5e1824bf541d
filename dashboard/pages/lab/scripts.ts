// What each test of the Lab does. Scripts never look at what is expected: they do, and tell what they saw.

import { type LabFinding, numbersInWords, yesOrNo } from '../../../shared/lab-expected.ts'
import type { LabScript } from '../../../shared/lab-tests.ts'
import { offline, publishAll, publishLive, subscribeAndLeave, whetherLive } from './script-offline.ts'
import {
  LIVE,
  numbered,
  numbersOf,
  QUIET_MS,
  type Script,
  type Stage,
  untilEnd,
  untilTaken,
} from './stage.ts'

export const scripts: Readonly<Record<LabScript, Script>> = {
  offline,
  overflow: offline,
  erase,
  expire,
  takeover,
  'exactly-once': exactlyOnce,
}

async function erase(stage: Stage): Promise<readonly LabFinding[]> {
  const { subscriber, topic } = stage
  const granted = await subscribeAndLeave(stage, 'kept')
  const acknowledged = await publishAll(stage)
  await stage.step('Come back with clean session on')
  const presentClean = await subscriber.connect('clean')
  await untilEnd(subscriber, topic)
  const arrived = numbersOf(subscriber.arrived)
  await stage.step('Go away again')
  subscriber.disconnect()
  await stage.step('Come back with clean session off')
  const present = await subscriber.connect('kept')
  const live = await publishLive(stage)
  await stage.step('An end mark, behind all that was owed')
  await untilEnd(subscriber, topic)
  return [
    { check: 'granted', value: `${granted}` },
    ...acknowledged,
    { check: 'present-clean', value: yesOrNo(presentClean) },
    { check: 'arrived', value: numbersInWords(arrived) },
    { check: 'present', value: yesOrNo(present) },
    { check: 'live', value: live() },
  ]
}

async function expire(stage: Stage): Promise<readonly LabFinding[]> {
  const { subscriber, topic } = stage
  const granted = await subscribeAndLeave(stage, 'kept')
  const acknowledged = await publishAll(stage)
  await stage.step('The broker lets the session expire')
  await stage.act('expire')
  await stage.step('Come back')
  const present = await subscriber.connect('kept')
  const live = await publishLive(stage)
  await stage.step('An end mark, behind all that was owed')
  await untilEnd(subscriber, topic)
  return [
    { check: 'granted', value: `${granted}` },
    ...acknowledged,
    { check: 'present', value: yesOrNo(present) },
    { check: 'arrived', value: numbersInWords(numbersOf(subscriber.arrived)) },
    { check: 'live', value: live() },
  ]
}

async function takeover(stage: Stage): Promise<readonly LabFinding[]> {
  const { subscriber, second, publisher, topic, params } = stage
  await stage.step('The first tab connects and subscribes')
  await subscriber.connect('kept')
  const granted = await subscriber.subscribe(topic, params.subscribeQos)
  await stage.step('The second tab connects with the same client id')
  const present = await second.connect('kept')
  await subscriber.settled(() => !subscriber.isConnected, QUIET_MS)
  const firstLost = subscriber.isConnected ? 'stays connected' : 'loses its connection'
  await stage.step('Another client publishes one message')
  await publisher.connect('clean')
  publisher.send({ topic, payload: LIVE, qos: params.publishQos, retain: false })
  await untilTaken(publisher, topic)
  await stage.step('An end mark, behind all that was owed')
  await untilEnd(second, topic)
  return [
    { check: 'granted', value: `${granted}` },
    { check: 'first-lost', value: firstLost },
    { check: 'present-second', value: yesOrNo(present) },
    { check: 'live', value: whetherLive(second) },
    { check: 'live-first', value: whetherLive(subscriber) },
  ]
}

async function exactlyOnce(stage: Stage): Promise<readonly LabFinding[]> {
  const { subscriber, publisher, topic, params } = stage
  await stage.step('Connect and subscribe')
  await subscriber.connect('kept')
  const granted = await subscriber.subscribe(topic, params.subscribeQos)
  await publisher.connect('kept')
  await stage.step(`Another client publishes ${params.messages}, and both are cut off half way`)
  for (const message of numbered(stage)) publisher.send(message)
  const cut = await stage.act('cut')
  await subscriber.settled(() => !subscriber.isConnected, QUIET_MS)
  await publisher.settled(() => !publisher.isConnected, QUIET_MS)
  await stage.step('Both come back and go on')
  const present = await subscriber.connect('kept')
  await publisher.connect('kept')
  await publisher.settled(() => publisher.acknowledgedCount >= params.messages, QUIET_MS)
  await stage.step('An end mark, behind all that was owed')
  await untilEnd(subscriber, topic)
  return [
    { check: 'granted', value: `${granted}` },
    { check: 'cut', value: `${cut}` },
    { check: 'present', value: yesOrNo(present) },
    { check: 'acknowledged', value: `${publisher.acknowledgedCount}` },
    { check: 'arrived', value: numbersInWords(numbersOf(subscriber.arrived)) },
  ]
}
