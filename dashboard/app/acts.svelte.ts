// The act that is being asked about, and what follows once it is done: the toast, its undo, whether the client came back.

import type { SessionAct } from '../../shared/session-act.ts'
import type { SessionDetail } from '../../shared/session-detail.ts'
import type { SessionSummary } from '../../shared/session-summary.ts'
import { type ActChoices, request, sessionPath, undoOf } from './act-requests.ts'
import type { Act } from './act-verbs.ts'
import { ApiProblem, get } from './api.ts'
import { reconnectInWords, reconnectOf } from './reconnect.ts'
import { urlFor } from './routes.ts'
import { toasts } from './toasts.svelte.ts'

export interface Question {
  readonly act: Act
  /** As it was when somebody looked; undefined while it is asked for, and where there is none (a hold needs none). */
  readonly session: SessionSummary | undefined
  /** It was this until it changed under the eyes of whoever is asked. */
  readonly was: SessionSummary | undefined
  readonly at: 'loading' | 'asking' | 'acting'
  readonly problem: unknown
  readonly done: ((answer: SessionAct) => void) | undefined
}

class Acts {
  #question = $state.raw<Question | undefined>(undefined)

  /** What the dialog asks; undefined while there is nothing to ask. */
  get question(): Question | undefined {
    return this.#question
  }

  /**
   * Opens the dialog. `session` is what whoever acts has looked at: the act is refused if it has changed since.
   * Without it the session is fetched, and shown in the dialog.
   */
  ask(act: Act, session?: SessionSummary, done?: (answer: SessionAct) => void): void {
    const at = session === undefined ? 'loading' : 'asking'
    this.#question = { act, session, was: undefined, at, problem: undefined, done }
    if (session === undefined) void this.#fetch(this.#question)
  }

  close(): void {
    this.#question = undefined
  }

  async confirm(choices: ActChoices): Promise<void> {
    const question = this.#question
    if (question === undefined || question.at !== 'asking') return
    this.#question = { ...question, at: 'acting', problem: undefined }
    const { act, session } = question
    try {
      const answer = await request(act, session, choices)
      this.#question = undefined
      sayDone(act, session, answer)
      question.done?.(answer)
    } catch (problem) {
      const isChanged = problem instanceof ApiProblem && problem.kind === 'session-changed'
      const asked: Question = { ...question, at: isChanged ? 'loading' : 'asking', problem }
      this.#question = asked
      if (isChanged) await this.#fetch(asked)
    }
  }

  /** Whoever goes on does so with what is shown now. */
  async #fetch(asked: Question): Promise<void> {
    const { act, session } = asked
    const still = (): boolean => this.#question === asked
    try {
      const fresh = await get<SessionDetail>(sessionPath(act.clientId))
      if (still()) this.#question = { ...asked, session: fresh, was: session, at: 'asking' }
    } catch (problem) {
      const isNone = problem instanceof ApiProblem && problem.kind === 'not-found'
      const needsNone = act.verb === 'hold' || act.verb === 'release'
      if (still())
        this.#question = {
          ...asked,
          session: undefined,
          at: 'asking',
          problem: isNone && needsNone ? undefined : problem,
        }
    }
  }
}

export const acts = new Acts()

function sayDone(act: Act, before: SessionSummary | undefined, answer: SessionAct): void {
  const { sentence, notOnDisk } = answer
  const undo = undoOf(act, before, answer)
  const text = notOnDisk === null ? sentence : `${sentence} It is not on the disk yet: ${notOnDisk}.`
  const change = toasts.say({
    text,
    tone: notOnDisk === null ? 'good' : 'info',
    action: undo === undefined ? undefined : { word: wordOfUndo(act), run: () => void takeBack(act, undo) },
  })
  if (act.verb === 'disconnect') void followUp(act.clientId, answer, more => change(`${text} ${more}`))
}

/** A hold is released, everything else is undone. */
function wordOfUndo(act: Act): string {
  return act.verb === 'hold' ? 'Release' : 'Undo'
}

async function takeBack({ clientId }: Act, undo: () => Promise<string>): Promise<void> {
  const link = { word: 'Open', href: urlFor.session(clientId) }
  try {
    toasts.say({ text: await undo(), link })
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error
    toasts.say({ tone: 'danger', text: `Not undone: ${error.message}`, link })
  }
}

async function followUp(clientId: string, answer: SessionAct, say: (more: string) => void): Promise<void> {
  const endedAt = Date.parse(answer.session?.lastSeenAt ?? '') || Date.now()
  try {
    const reconnect = await reconnectOf(clientId, endedAt)
    if (reconnect !== undefined) say(reconnectInWords(reconnect))
  } catch (error) {
    // The toast has said what was done; that nobody could look whether the client is back changes nothing of it.
    if (!(error instanceof ApiProblem)) throw error
    say('Whether it came back could not be found out.')
  }
}
