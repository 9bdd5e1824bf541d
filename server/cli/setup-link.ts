// `setup-link`: where the first admin is made, or one who is locked out gets in; for whoever may read the data directory.

import { askControlSocket, CONTROL_SOCKET_FILE } from '../admin/control-socket.ts'
import { loadSettings } from '../config/load.ts'
import { type Command, exitCodes } from './command.ts'
import { refuseSettings } from './config.ts'

export const setupLink: Command = {
  name: 'setup-link',
  usage: 'setup-link [--config FILE] [--data-dir DIR]',
  group: 'Broker',
  summary: 'Print a link, good once and for a day, on which an admin is made.',
  takesSettings: false,
  explanation: `For the first start, and for an admin who is locked out: with the name of a user who is there, the
password is replaced and the user becomes an admin. The running broker is asked through ${CONTROL_SOCKET_FILE} in its
data directory, which only its user may open. A newer link ends the one before.

Exit code 1: no broker runs on that data directory.`,
  run: async (args, context) => {
    const loaded = loadSettings({ ...context, argv: args })
    if (!loaded.ok) return refuseSettings(loaded.problems, context)
    const { dataDir } = loaded.settings
    const answer = await askControlSocket(dataDir, { do: 'setup-link' })
    if (answer?.ok === true && answer.link !== undefined) {
      context.out(`${answer.link}\n`)
      return exitCodes.done
    }
    const why =
      answer?.ok === false ? answer.reason : `no broker answers at ${CONTROL_SOCKET_FILE} in ${dataDir}`
    context.err(
      `There is no link: ${why}.\nName its directory with --data-dir, or start it with \`holdfast start\`.\n`,
    )
    return exitCodes.failed
  },
}
