// The settings: all of them to see, and those to change that a running broker can take up.

import { type SettingView, settingChangesSchema, settingsSchema } from '../../../shared/settings.ts'
import type { SettingState } from '../../config/live-settings.ts'
import type { KeptSettings } from '../settings/kept-settings.ts'
import type { ApiContext } from './context.ts'
import { isNotModified, requireMatch } from './etag.ts'
import { problem } from './problem.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const example: SettingView = {
  name: 'undo-window',
  area: 'Undo',
  value: '1h',
  default: '15m',
  source: 'here',
  where: 'file /etc/holdfast.yaml, line 4',
  configured: '30m',
  editable: true,
  changedBy: 'ana',
  changedAt: '2026-11-26T12:00:00.000Z',
  meaning: 'How long what an operator has taken away can be brought back.',
  because: 'Mistakes of this kind are noticed within minutes, and the space is wanted back.',
  allowed: 'a duration from 1s to 30d, such as 10s, 5m, 12h or 7d (a plain number is seconds), or off',
}

export function settingRoutes(context: ApiContext): readonly ApiRoute[] {
  return [list(context), change(context)]
}

function list({ kept }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'GET',
    url: '/settings',
    summary: 'All settings: value, where it comes from, and who changed it here.',
    tag: 'Settings',
    role: 'admin',
    response: { 200: settingsSchema },
    example: { 200: { data: [example] } },
    problems: [],
    handle: async ({ http }, reply) => {
      isNotModified(http, reply, kept.tag)
      return { data: kept.states().map(state => shown(kept, state)) }
    },
  })
}

function change({ kept, clock }: ApiContext): ApiRoute {
  return defineRoute({
    method: 'PATCH',
    url: '/settings',
    summary: 'Change settings of the running broker. It keeps them over restarts.',
    description:
      'Only what `editable` says. A value is written as in the file; null takes the change back, and what was configured holds again. All are changed, or none is.',
    tag: 'Settings',
    role: 'admin',
    audit: 'settings.change',
    body: settingChangesSchema,
    bodyExample: { 'undo-window': '1h', 'audit-age': null },
    response: { 200: settingsSchema },
    example: { 200: { data: [example] } },
    problems: ['precondition-required', 'precondition-failed'],
    handle: async ({ body, http, act, actor }, reply) => {
      act.target = Object.keys(body).join(' ')
      const before = new Map(kept.states().map(({ setting, value }) => [setting.name, value]))
      await kept.change(body, { by: actor.facts.name, at: clock.now() }, () => {
        requireMatch(http, kept.tag)
        refuseWrong(kept, body)
      })
      for (const { setting, value } of kept.states())
        if (setting.name in body) act.tell({ [setting.name]: `${before.get(setting.name)} -> ${value}` })
      reply.header('etag', kept.tag)
      return { data: kept.states().map(state => shown(kept, state)) }
    },
  })
}

function refuseWrong({ live }: KeptSettings, changes: Readonly<Record<string, string | null>>): void {
  const errors = live.check(changes).map(({ name, detail }) => ({ pointer: `/body/${name}`, detail }))
  const [first] = errors
  if (first !== undefined)
    throw problem('validation', { detail: `${first.pointer} ${first.detail}.`, errors })
}

function shown(
  kept: KeptSettings,
  { area, setting, value, configured, source, where }: SettingState,
): SettingView {
  const change = kept.changeOf(setting.name)
  return {
    name: setting.name,
    area,
    value,
    default: setting.default,
    source: change === undefined ? source : 'here',
    where,
    configured,
    editable: setting.live === true,
    changedBy: change?.by ?? null,
    changedAt: change === undefined ? null : new Date(change.at).toISOString(),
    meaning: setting.meaning,
    because: setting.because,
    allowed: setting.kind.allowed,
  }
}
