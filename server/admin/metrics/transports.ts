// How connections come, as labels.

import type { Remote } from '../../transport/byte-stream.ts'

export const transports: Readonly<Record<Remote['transport'], string>> = {
  tcp: 'MQTT over TCP',
  websocket: 'MQTT over WebSocket',
}
