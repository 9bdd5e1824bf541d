// Says where the broker under test listens and which process it is.

export type Transport = 'tcp' | 'websocket'

export type Target = {
  host: string
  tcpPort: number
  webSocketPort: number
  webSocketPath: string
  processId: number
}
