// How commands about one session name it.

export const clientIdOperand = [{ name: 'CLIENT-ID', times: 'once' }] as const
