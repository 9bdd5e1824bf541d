// Malformed packets of connected clients, PUBLISH and bad text aside: what each ends with, and that nobody else notices.

import { brokerForFile } from '../harness/broker.ts'
import {
  all,
  classic,
  five,
  type MalformedRow,
  since311,
  testMalformedPackets,
} from '../harness/malformed.ts'
import { neighbourForFile } from '../harness/neighbour.ts'

const broker = brokerForFile()
const neighbour = neighbourForFile(broker)

const reservedFlags = '[MQTT5-2.1.3-1] [MQTT3-2.2.2-1] [MQTT3-2.2.2-2]'
const violation = '[MQTT5-4.13.1-1] [MQTT3-4.8.0-1]'

/** Each of the 16 flag values but the right one; `also` says which of them 3.1 allows besides. */
function flagRows(
  name: string,
  type: string,
  right: number,
  body: string,
  clauses: string,
  also?: number,
): MalformedRow[] {
  const wrong = Array.from({ length: 16 }, (_, flags) => flags).filter(flags => flags !== right)
  return wrong.map(flags => [
    `refuses ${name} with the flags ${flags.toString(2).padStart(4, '0')}`,
    flags === also ? since311 : all,
    `${type}${flags.toString(16)} ${body}`,
    'malformed-packet',
    `${clauses} ${reservedFlags}`,
  ])
}

const DUP_ALLOWED = 0b1010
testMalformedPackets(broker, neighbour, [
  ...flagRows('PUBACK', '4', 0, '0001', ''),
  ...flagRows('PUBREC', '5', 0, '0001', ''),
  ...flagRows('PUBREL', '6', 2, '0001', '[MQTT5-3.6.1-1] [MQTT3-3.6.1-1]', DUP_ALLOWED),
  ...flagRows('PUBCOMP', '7', 0, '0001', ''),
  ...flagRows('PINGREQ', 'c', 0, '', ''),
  ...flagRows('DISCONNECT', 'e', 0, '', '[MQTT5-3.14.1-1] [MQTT3-3.14.1-1]'),
])

/** Bodies that differ between the versions: only 5.0 has the property length. */
function subscribeFlags(): MalformedRow[] {
  const subscribe = '[MQTT5-3.8.1-1] [MQTT3-3.8.1-1]'
  const unsubscribe = '[MQTT5-3.10.1-1] [MQTT3-3.10.1-1]'
  const only = (rows: MalformedRow[], version: 'classic' | 'five'): MalformedRow[] =>
    rows.map(([what, versions, packet, ending, clauses]) => [
      what,
      versions.filter(one => (version === 'five' ? one === 5 : one < 5)),
      packet,
      ending,
      clauses,
    ])
  return [
    ...only(flagRows('SUBSCRIBE', '8', 2, "0001 'a' 00", subscribe, DUP_ALLOWED), 'classic'),
    ...only(flagRows('SUBSCRIBE', '8', 2, "0001 ( ) 'a' 00", subscribe, DUP_ALLOWED), 'five'),
    ...only(flagRows('UNSUBSCRIBE', 'a', 2, "0001 'a'", unsubscribe, DUP_ALLOWED), 'classic'),
    ...only(flagRows('UNSUBSCRIBE', 'a', 2, "0001 ( ) 'a'", unsubscribe, DUP_ALLOWED), 'five'),
    ...only(flagRows('AUTH', 'f', 0, "18 ( 15 'x' )", '[MQTT5-3.15.1-1]'), 'five'),
  ]
}

const types: readonly MalformedRow[] = [
  ['refuses the reserved type 0', all, '00', 'malformed-packet', violation],
  ['refuses the type 15, which only 5.0 has', classic, 'f0', 'malformed-packet', violation],
  ['refuses a CONNACK from a client', all, '20 0000', 'protocol-error', violation],
  ['refuses a SUBACK from a client', all, '90 0001 00', 'protocol-error', violation],
  ['refuses an UNSUBACK from a client', all, 'b0 0001', 'protocol-error', violation],
  ['refuses a PINGRESP from a client', all, 'd0', 'protocol-error', violation],
  [
    'refuses an AUTH from a client that named no method',
    five,
    "f0 19 ( 15 'x' )",
    'protocol-error',
    violation,
  ],
  ['refuses an AUTH without a reason code', five, 'f0', 'protocol-error', violation],
]

const fewest = '[MQTT5-1.5.5-1]'
const lengths: readonly MalformedRow[] = [
  ['refuses a padded remaining length', all, '= c0 8000', 'malformed-packet', `${fewest} ${violation}`],
  ['refuses a remaining length padded twice', all, '= c0 808000', 'malformed-packet', fewest],
  ['refuses a remaining length padded thrice', all, '= c0 80808000', 'malformed-packet', fewest],
  ['refuses a remaining length of five bytes', all, '= c0 8080808001', 'malformed-packet', violation],
  ['refuses a remaining length that never ends', all, '= 30 ffffffff', 'malformed-packet', violation],
  ['refuses a padded property length', five, "82 0001 8000 'a' 00", 'malformed-packet', fewest],
  [
    'refuses a padded Subscription Identifier',
    five,
    "82 0001 ( 0b 8100 ) 'a' 00",
    'malformed-packet',
    fewest,
  ],
  [
    'refuses a Subscription Identifier of five bytes',
    five,
    "82 0001 ( 0b 8080808001 ) 'a' 00",
    'malformed-packet',
    fewest,
  ],
  ['refuses a PINGREQ with a byte in it', all, 'c0 00', 'malformed-packet', violation],
  ['refuses a DISCONNECT with a byte in it', classic, 'e0 00', 'malformed-packet', violation],
  ['refuses a PUBACK of one byte', all, '40 00', 'malformed-packet', violation],
  ['refuses a PUBREL of no bytes', all, '62', 'malformed-packet', violation],
  ['refuses a PUBACK with a byte too many', classic, '40 0001 00', 'malformed-packet', violation],
  [
    'refuses a PUBCOMP with a byte behind its properties',
    five,
    '70 0001 00 ( ) 00',
    'malformed-packet',
    violation,
  ],
]

const identifiers: readonly MalformedRow[] = [
  ['refuses packet identifier 0 in SUBSCRIBE', classic, "82 0000 'a' 00", 'closed', '[MQTT3-2.3.1-1]'],
  [
    'refuses packet identifier 0 in SUBSCRIBE',
    five,
    "82 0000 ( ) 'a' 00",
    'protocol-error',
    '[MQTT5-2.2.1-3]',
  ],
  ['refuses packet identifier 0 in UNSUBSCRIBE', classic, "a2 0000 'a'", 'closed', '[MQTT3-2.3.1-1]'],
  [
    'refuses packet identifier 0 in UNSUBSCRIBE',
    five,
    "a2 0000 ( ) 'a'",
    'protocol-error',
    '[MQTT5-2.2.1-3]',
  ],
  ['refuses packet identifier 0 in PUBACK', all, '40 0000', 'protocol-error', violation],
  ['refuses packet identifier 0 in PUBREC', all, '50 0000', 'protocol-error', violation],
  ['refuses packet identifier 0 in PUBREL', all, '62 0000', 'protocol-error', violation],
  ['refuses packet identifier 0 in PUBCOMP', all, '70 0000', 'protocol-error', violation],
]

const noFilter = '[MQTT5-3.8.3-2] [MQTT3-3.8.3-3]'
const noUnsubscribeFilter = '[MQTT5-3.10.2-2] [MQTT3-3.10.3-2]'
const optionBits = '[MQTT5-3.8.3-5] [MQTT3-3.8.3-4]'
const subscribes: readonly MalformedRow[] = [
  ['refuses a SUBSCRIBE without a topic filter', classic, '82 0001', 'closed', noFilter],
  ['refuses a SUBSCRIBE without a topic filter', five, '82 0001 ( )', 'protocol-error', noFilter],
  ['refuses a SUBSCRIBE without options', classic, "82 0001 'a'", 'closed', noFilter],
  ['refuses a SUBSCRIBE without options', five, "82 0001 ( ) 'a'", 'malformed-packet', noFilter],
  [
    'refuses a SUBSCRIBE whose second filter has no options',
    five,
    "82 0001 ( ) 'a' 00 'b'",
    'malformed-packet',
    noFilter,
  ],
  ['refuses a SUBSCRIBE whose filter is cut short', classic, '82 0001 0004 6161', 'closed', violation],
  [
    'refuses a SUBSCRIBE whose filter is cut short',
    five,
    '82 0001 ( ) 0004 6161',
    'malformed-packet',
    violation,
  ],
  ['refuses a SUBSCRIBE without properties', five, '82 0001', 'malformed-packet', violation],
  ['refuses a reserved option bit', classic, "82 0001 'a' 04", 'closed', optionBits],
  ['refuses a reserved option bit', classic, "82 0001 'a' 80", 'closed', optionBits],
  ['refuses a reserved option bit', five, "82 0001 ( ) 'a' 40", 'malformed-packet', optionBits],
  ['refuses a reserved option bit', five, "82 0001 ( ) 'a' 80", 'malformed-packet', optionBits],
  [
    'refuses a reserved option bit of the second filter',
    five,
    "82 0001 ( ) 'a' 00 'b' c0",
    'malformed-packet',
    optionBits,
  ],
  ['refuses a subscription at QoS 3', classic, "82 0001 'a' 03", 'closed', optionBits],
  ['refuses a subscription at QoS 3', five, "82 0001 ( ) 'a' 03", 'protocol-error', violation],
  ['refuses Retain Handling 3', five, "82 0001 ( ) 'a' 30", 'protocol-error', violation],
  [
    'refuses No Local on a shared subscription',
    five,
    "82 0001 ( ) '$share/g/a' 04",
    'protocol-error',
    '[MQTT5-3.8.3-4]',
  ],
  ['refuses Subscription Identifier 0', five, "82 0001 ( 0b 00 ) 'a' 00", 'protocol-error', violation],
  [
    'refuses two Subscription Identifiers',
    five,
    "82 0001 ( 0b 01 0b 02 ) 'a' 00",
    'protocol-error',
    violation,
  ],
  [
    'refuses a property that SUBSCRIBE has not',
    five,
    "82 0001 ( 1f 'x' ) 'a' 00",
    'malformed-packet',
    violation,
  ],
  ['refuses an UNSUBSCRIBE without a topic filter', classic, 'a2 0001', 'closed', noUnsubscribeFilter],
  [
    'refuses an UNSUBSCRIBE without a topic filter',
    five,
    'a2 0001 ( )',
    'protocol-error',
    noUnsubscribeFilter,
  ],
  ['refuses an UNSUBSCRIBE whose filter is cut short', classic, "a2 0001 'a' 0002 61", 'closed', violation],
  [
    'refuses an UNSUBSCRIBE whose filter is cut short',
    five,
    "a2 0001 ( ) 'a' 0002 61",
    'malformed-packet',
    violation,
  ],
  [
    'refuses an UNSUBSCRIBE with half a length at its end',
    five,
    "a2 0001 ( ) 'a' 00",
    'malformed-packet',
    violation,
  ],
  [
    'refuses a Subscription Identifier in UNSUBSCRIBE',
    five,
    "a2 0001 ( 0b 01 ) 'a'",
    'malformed-packet',
    violation,
  ],
]

const answers: readonly MalformedRow[] = [
  ['refuses a reason code that PUBACK has not', five, '40 0001 01', 'protocol-error', violation],
  ['refuses a reason code that PUBREC has not', five, '50 0001 92', 'protocol-error', violation],
  ['refuses a reason code that PUBREL has not', five, '62 0001 10', 'protocol-error', violation],
  ['refuses a reason code that PUBCOMP has not', five, '70 0001 80', 'protocol-error', violation],
  ['refuses Reason String twice', five, "40 0001 00 ( 1f 'a' 1f 'b' )", 'protocol-error', violation],
  ['refuses a property that PUBACK has not', five, '40 0001 00 ( 21 0001 )', 'malformed-packet', violation],
  ['refuses a user property without a value', five, "40 0001 00 ( 26 'a' )", 'malformed-packet', violation],
  ['refuses a reason code that only the server sends', five, 'e0 8e', 'protocol-error', violation],
  ['refuses an unknown reason code in DISCONNECT', five, 'e0 7f', 'protocol-error', violation],
  [
    'refuses Session Expiry Interval twice',
    five,
    'e0 00 ( 11 00000000 11 00000000 )',
    'protocol-error',
    violation,
  ],
  [
    'refuses a DISCONNECT that revives its session',
    five,
    'e0 00 ( 11 00000001 )',
    'protocol-error',
    violation,
  ],
  ['refuses an AUTH with an unknown reason code', five, "f0 01 ( 15 'x' )", 'protocol-error', violation],
]

testMalformedPackets(broker, neighbour, [
  ...subscribeFlags(),
  ...types,
  ...lengths,
  ...identifiers,
  ...subscribes,
  ...answers,
])
