// Which tests make sense on a broker that is set as it is.

import { paramsOf } from '../../../shared/lab-expected.ts'
import type { KeepingFacts } from '../../../shared/lab-facts.ts'
import { LAB_MESSAGES_MAX, type LabTest } from '../../../shared/lab-tests.ts'
import { wordCount } from '../../app/words.ts'

/** Why it cannot be run; undefined when it can. `isHere`: on the broker that serves this page. */
export function unavailableBecause(test: LabTest, facts: KeepingFacts, isHere: boolean): string | undefined {
  const { queueMessagesMax, sessionExpirySeconds } = facts
  switch (test.script) {
    case 'offline':
    case 'erase':
    case 'takeover':
      return undefined
    case 'overflow':
      if (!isHere) return 'It is not known how many messages a queue of the other broker holds.'
      return paramsOf(test, facts).messages > LAB_MESSAGES_MAX
        ? `A queue holds ${wordCount(queueMessagesMax)} messages here (queue-messages-max), more than a page should send.`
        : undefined
    case 'expire':
      return isHere ? undefined : NEEDS_HELP
    case 'exactly-once':
      if (!isHere) return NEEDS_HELP
      if (sessionExpirySeconds === 0)
        return 'Sessions end with their connections here (session-expiry-max is 0).'
      return queueMessagesMax < 2
        ? `A queue holds ${queueMessagesMax} messages here (queue-messages-max), too few for this.`
        : undefined
  }
}

const NEEDS_HELP = 'It needs the help of the broker, which only the one that serves this page gives.'
