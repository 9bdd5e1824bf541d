// Deleting retained messages: one at once, with a way back; many through a plan.

import { pathSegment } from '../../../shared/path-segment.ts'
import type { RetainedDeleted, RetainedMessage } from '../../../shared/retained.ts'
import { ask } from '../../app/api.ts'
import { restore } from '../../app/restore.ts'
import { router } from '../../app/router.svelte.ts'
import { urlFor } from '../../app/routes.ts'
import { toasts } from '../../app/toasts.svelte.ts'
import { makePlan } from '../plan/make-plan.ts'

/** Rejects with ApiProblem, also when another message is retained there by now. */
export async function deleteRetained(
  { topic, setAt }: RetainedMessage,
  reason: string,
  changed: () => void,
): Promise<void> {
  const { data } = await ask<RetainedDeleted>('DELETE', `/retained/${pathSegment(topic)}`, {
    ifMatch: `"${setAt}"`,
    reason,
  })
  const { tombstone, notOnDisk } = data
  changed()
  toasts.say({
    text: `Deleted the retained message of ${topic}.${notOnDisk === null ? '' : ` Not on the disk yet: ${notOnDisk}.`}`,
    ...(tombstone === null
      ? {}
      : { action: { word: 'Undo', run: () => void putBack(tombstone.id, topic, changed) } }),
  })
}

async function putBack(tombstone: string, topic: string, changed: () => void): Promise<void> {
  await restore(tombstone, `the retained message of ${topic}`)
  changed()
}

/** Goes to the plan, which shows what would be deleted. Rejects with ApiProblem. */
export async function planDeletion(
  scope: { readonly topics: readonly string[] } | { readonly filter: string },
): Promise<void> {
  const topics = 'topics' in scope ? { topics: [...scope.topics] } : scope
  router.go(urlFor.plan((await makePlan({ action: 'retained.delete', ...topics })).id))
}
