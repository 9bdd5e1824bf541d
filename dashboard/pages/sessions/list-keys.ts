// The keys of the list of sessions. None of them changes a session: those that could, ask.

import type { KeyBinding } from '../../app/keys.svelte.ts'

export interface ListActions {
  readonly count: () => number
  readonly active: () => number | undefined
  /** How many rows are on the screen. */
  readonly pageRows: () => number
  /** `isRange`: everything on the way is selected. */
  readonly move: (to: number, isRange: boolean) => void
  readonly open: (index: number, how: 'panel' | 'page') => void
  /** The one before or after the one that is open. */
  readonly beside: (by: -1 | 1) => void
  readonly copy: (index: number) => void
  readonly escape: () => void
  readonly showFresh: () => void
}

/** For whoever may act. */
export interface ListActing {
  readonly toggle: (index: number) => void
  readonly selectAll: () => void
  readonly ask: (verb: 'disconnect' | 'clean', index: number) => void
}

/** What is open beside the list scrolls with these keys, and has buttons of its own. */
const PANEL = '[data-panel]'

export function listKeys(list: ListActions, acting: ListActing | undefined): readonly KeyBinding[] {
  return [
    ...moves(list),
    {
      keys: 'Enter',
      does: 'Open the row beside the list',
      run: onActive(list, at => list.open(at, 'panel')),
      notIn: PANEL,
    },
    { keys: 'Shift+Enter', does: 'Open its page', run: onActive(list, at => list.open(at, 'page')) },
    { keys: '[', does: 'Previous and next one beside the list', run: () => list.beside(-1) },
    { keys: ']', does: 'Previous and next one beside the list', run: () => list.beside(1) },
    { keys: 'c', does: 'Copy its client id', run: onActive(list, list.copy) },
    { keys: '.', does: 'Show new matches', run: list.showFresh },
    { keys: 'Escape', does: 'Close, then clear the selection', run: list.escape },
    ...(acting === undefined ? [] : actingKeys(list, acting)),
  ]
}

function actingKeys(list: ListActions, { toggle, selectAll, ask }: ListActing): readonly KeyBinding[] {
  const select = { does: 'Select the row', run: onActive(list, toggle) }
  const isRange = true
  return [
    { keys: 'x', ...select },
    { keys: 'Space', ...select, notIn: PANEL },
    { keys: '*', does: 'Select all that match', run: selectAll },
    { keys: 'd', does: 'Disconnect, after a question', run: onActive(list, at => ask('disconnect', at)) },
    { keys: 'Shift+c', does: 'Clean, after a question', run: onActive(list, at => ask('clean', at)) },
    ...['Shift+j', 'Shift+ArrowDown'].map(keys => ({
      ...{ keys, does: 'Select on the way down', run: () => step(list, 1, isRange) },
    })),
    ...['Shift+k', 'Shift+ArrowUp'].map(keys => ({
      ...{ keys, does: 'Select on the way up', run: () => step(list, -1, isRange) },
    })),
  ]
}

function moves(list: ListActions): readonly KeyBinding[] {
  const down = { does: 'Next row', run: () => step(list, 1) }
  const up = { does: 'Previous row', run: () => step(list, -1) }
  return [
    { keys: 'j', ...down },
    { keys: 'ArrowDown', ...down, notIn: PANEL },
    { keys: 'k', ...up },
    { keys: 'ArrowUp', ...up, notIn: PANEL },
    { keys: 'PageDown', does: 'Page of rows', run: () => step(list, list.pageRows()), notIn: PANEL },
    { keys: 'PageUp', does: 'Page of rows', run: () => step(list, -list.pageRows()), notIn: PANEL },
    {
      keys: 'Home',
      does: 'First and last row',
      run: () => step(list, Number.NEGATIVE_INFINITY),
      notIn: PANEL,
    },
    {
      keys: 'End',
      does: 'First and last row',
      run: () => step(list, Number.POSITIVE_INFINITY),
      notIn: PANEL,
    },
  ]
}

function step(list: ListActions, by: number, isRange = false): void {
  const last = list.count() - 1
  if (last >= 0) list.move(Math.max(0, Math.min(last, (list.active() ?? -1) + by)), isRange)
}

function onActive(list: ListActions, act: (index: number) => void): () => void {
  return () => {
    const active = list.active()
    if (active !== undefined) act(active)
  }
}
