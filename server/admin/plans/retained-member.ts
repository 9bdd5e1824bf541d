// A retained message as a member of a plan.

import type { Message } from '../../protocol/message.ts'
import type { BlockRules } from './blocked.ts'
import type { Member } from './member.ts'

/** A key that is limited to some clients is limited to the messages that those have published. */
export function retainedMember(message: Message, { mayTouch }: BlockRules): Member {
  return {
    key: message.topic.name,
    generation: '',
    connected: false,
    since: message.receivedAt,
    messages: 1,
    bytes: message.size,
    subscriptions: 0,
    will: false,
    blocked: mayTouch(message.publisher) ? undefined : 'outside-key',
    particulars: message.publisher,
  }
}
