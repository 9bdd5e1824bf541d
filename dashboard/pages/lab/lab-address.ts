// What of the page /lab stands in its address: the test, its parameters, whether to go step by step, and against which
// broker.

import {
  cellId,
  findLabTest,
  LAB_MESSAGES,
  LAB_MESSAGES_MAX,
  type LabParams,
  type LabQos,
  type LabTest,
  ownTest,
} from '../../../shared/lab-tests.ts'
import type { Query } from '../../app/routes.ts'

/** The one that most people come for. */
const FIRST = 'classic-4'

export interface LabAddress {
  readonly test: LabTest
  readonly isStepwise: boolean
  /** Of another broker; undefined: the one that serves the page. */
  readonly url: string | undefined
}

export function readAddress(query: URLSearchParams): LabAddress {
  const id = query.get('test') ?? FIRST
  const test = id === 'own' ? ownTest(readParams(query)) : (findLabTest(id) ?? findLabTest(FIRST)!)
  return {
    test,
    isStepwise: query.get('steps') === 'yes',
    url: isWebSocketUrl(query.get('url')) ? (query.get('url') ?? undefined) : undefined,
  }
}

export function writeAddress({ test, isStepwise, url }: LabAddress): Query {
  const own = test.id === 'own' ? writeParams(test.params) : noParams
  return { test: test.id, ...own, steps: isStepwise ? 'yes' : undefined, url }
}

/** The test with these parameters, which has a place in the table unless it is about another number of messages. */
export function testWith(params: LabParams): LabTest {
  const cell = params.messages === LAB_MESSAGES ? findLabTest(cellId(params)) : undefined
  return cell ?? ownTest(params)
}

export function isWebSocketUrl(text: string | null): boolean {
  return text !== null && /^wss?:\/\/[^/\s]+(\/\S*)?$/.test(text) && URL.canParse(text)
}

function readParams(query: URLSearchParams): LabParams {
  const messages = Number(query.get('messages') ?? LAB_MESSAGES)
  return {
    publishQos: qosOf(query.get('publish')),
    subscribeQos: qosOf(query.get('subscribe')),
    clean: query.get('clean') === 'on',
    retain: query.get('retain') === 'on',
    messages: Number.isInteger(messages) ? Math.min(LAB_MESSAGES_MAX, Math.max(1, messages)) : LAB_MESSAGES,
  }
}

/** The test says them all. */
const noParams: Query = {
  publish: undefined,
  subscribe: undefined,
  clean: undefined,
  retain: undefined,
  messages: undefined,
}

function writeParams({ publishQos, subscribeQos, clean, retain, messages }: LabParams): Query {
  return {
    publish: `${publishQos}`,
    subscribe: `${subscribeQos}`,
    clean: clean ? 'on' : 'off',
    retain: retain ? 'on' : 'off',
    messages: `${messages}`,
  }
}

function qosOf(text: string | null): LabQos {
  return text === '0' ? 0 : text === '2' ? 2 : 1
}
