// A pattern for topic names: with stars as people type them, or a topic filter as clients subscribe to it.

import { matchesTopic } from '../../../shared/topic-match.ts'
import { compileGlob, type TextPredicate } from '../../read-model/table/glob.ts'

/** No topic name has `+` or `#` in it, so a pattern that has can only be a topic filter. */
export function topicPattern(pattern: string): TextPredicate {
  return /[+#]/.test(pattern) ? topic => matchesTopic(pattern, topic) : compileGlob(pattern)
}
