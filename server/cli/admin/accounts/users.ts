// `users`: who may log in to the dashboard and the admin API, and as what.

import type { User } from '../../../../shared/account-shapes.ts'
import type { ApiClient } from '../api-client.ts'
import { CliProblem } from '../cli-problem.ts'
import { reasonFlag, reasonOf } from '../flags.ts'
import type { AdminSpec } from '../spec.ts'
import type { Column } from '../table.ts'
import { accessGroup, grantsFlag, grantsOf, named, roleFlag, roleOf } from './flags.ts'
import { newPassword, passwordFileFlag } from './new-password.ts'

export const userCommands: readonly AdminSpec[] = [
  {
    name: 'users list',
    group: accessGroup,
    summary: 'List who may log in.',
    run: async ({ api, print }) => {
      const users = await allUsers(api)
      if (print.isJson) for (const user of users) print.json(user)
      else print.table(columnsOf(print.time.bind(print)), users)
    },
  },
  {
    name: 'users add',
    group: accessGroup,
    summary: 'Add somebody who may log in; the password is asked for.',
    operands: [{ name: 'NAME', times: 'once' }],
    flags: [roleFlag, grantsFlag, passwordFileFlag, reasonFlag],
    run: async given => {
      const { operands, api, print } = given
      const [name = ''] = operands
      const role = roleOf(given)
      if (role === undefined) throw new CliProblem('wrongUsage', 'Say with --role what the user may do.')
      const grants = grantsOf(given) ?? []
      const password = await newPassword(given, name)
      const body = { name, password, role, grants }
      const answer = await api.send('POST', '/users', { body, reason: reasonOf(given) })
      if (print.isJson) print.json(answer.body)
      else print.line(`${name} may log in now, as ${role}.`)
    },
  },
  {
    name: 'users change',
    group: accessGroup,
    summary: "Change somebody's role, grants or password.",
    explanation: 'A new password, or another role, logs the user out everywhere.',
    operands: [{ name: 'NAME', times: 'once' }],
    flags: [
      roleFlag,
      grantsFlag,
      { name: '--password', meaning: 'Ask for a new password.' },
      passwordFileFlag,
      reasonFlag,
    ],
    run: async given => {
      const { operands, switches, options, api, print } = given
      const [name = ''] = operands
      const role = roleOf(given)
      const grants = grantsOf(given)
      const isPassword = switches.has('--password') || options.has('--password-file')
      if (role === undefined && grants === undefined && !isPassword)
        throw new CliProblem('wrongUsage', 'Say what is to change: --role, --grants or --password.')
      const user = named(await allUsers(api), name, 'user')
      const password = isPassword ? await newPassword(given, name) : undefined
      const body = { role, grants, password }
      const answer = await api.send('PATCH', `/users/${user.id}`, { body, reason: reasonOf(given) })
      if (print.isJson) print.json(answer.body)
      else print.line(`Changed ${name}.`)
    },
  },
  {
    name: 'users remove',
    group: accessGroup,
    summary: 'Remove a user, who is logged out everywhere at once.',
    operands: [{ name: 'NAME', times: 'once' }],
    flags: [reasonFlag],
    run: async given => {
      const { operands, api, print } = given
      const user = named(await allUsers(api), operands[0] ?? '', 'user')
      await api.send('DELETE', `/users/${user.id}`, { reason: reasonOf(given) })
      if (print.isJson) print.json(user)
      else print.line(`Removed ${user.name}.`)
    },
  },
]

async function allUsers(api: ApiClient): Promise<readonly User[]> {
  const { body } = await api.get('/users')
  return (body as { readonly data: readonly User[] }).data
}

function columnsOf(time: (at: string | null) => string): readonly Column<User>[] {
  return [
    { title: 'Name', text: user => user.name, shrinksTo: 12 },
    { title: 'Role', text: user => user.role },
    { title: 'Grants', text: user => user.grants.join(' ') || '-' },
    { title: 'Logins', text: user => `${user.logins}`, align: 'right' },
    { title: 'Seen', text: user => time(user.lastSeenAt) },
    { title: 'Since', text: user => time(user.createdAt), onlyWide: true },
  ]
}
