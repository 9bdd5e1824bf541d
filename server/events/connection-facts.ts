// How and from where a client is connected, or last was; small, because every offline session keeps it.

/** Where a connection comes from, and what a browser says of itself and its page. */
export interface RemoteFacts {
  readonly transport: 'tcp' | 'websocket'
  readonly address: string
  readonly port: number
  readonly origin: string | undefined
  readonly userAgent: string | undefined
  /** Of the WebSocket handshake, without its query, which may hold a secret. */
  readonly path: string | undefined
}

interface Asked {
  readonly protocolVersion: number
  readonly cleanStart: boolean
  /** As the client asked for it. */
  readonly keepAliveSeconds: number
}

/** What many clients have in common; in memory once for all of them. */
type Profile = Asked & Omit<RemoteFacts, 'address' | 'port'>

export class ConnectionFacts implements Asked, RemoteFacts {
  readonly profile: Profile
  readonly address: string
  readonly port: number

  constructor(given: Asked & RemoteFacts) {
    this.profile = sharedProfile(given)
    this.address = interned(given.address)
    this.port = given.port
  }

  get protocolVersion(): number {
    return this.profile.protocolVersion
  }

  get cleanStart(): boolean {
    return this.profile.cleanStart
  }

  get keepAliveSeconds(): number {
    return this.profile.keepAliveSeconds
  }

  get transport(): RemoteFacts['transport'] {
    return this.profile.transport
  }

  get origin(): string | undefined {
    return this.profile.origin
  }

  get userAgent(): string | undefined {
    return this.profile.userAgent
  }

  get path(): string | undefined {
    return this.profile.path
  }

  /** In words, for the one that is taken over from and for the log. */
  get description(): string {
    const { address, port, origin } = this
    return origin === undefined ? `${address}:${port}` : `${address}:${port} (${origin})`
  }

  toJSON(): Asked & RemoteFacts {
    return { ...this.profile, address: this.address, port: this.port }
  }
}

/** A header may be 16 KiB long, and a session keeps it for as long as it lives. */
const TEXT_CHARACTERS_MAX = 512

/** What a transport knows, cut to what is kept. */
export function remoteFacts(remote: {
  readonly transport: RemoteFacts['transport']
  readonly address: string
  readonly port: number
  readonly origin?: string | undefined
  readonly userAgent?: string | undefined
  readonly path?: string | undefined
}): RemoteFacts {
  const { transport, address, port, origin, userAgent, path } = remote
  return {
    transport,
    address,
    port,
    origin: origin?.slice(0, TEXT_CHARACTERS_MAX),
    userAgent: userAgent?.slice(0, TEXT_CHARACTERS_MAX),
    path: path?.split('?', 1)[0]?.slice(0, TEXT_CHARACTERS_MAX),
  }
}

/** Past this the tables start anew: clients that all differ gain nothing from them, and must not fill them. */
const INTERNED_MAX = 16_384
const texts = new Map<string, string>()
const profiles = new Map<string, Profile>()

function interned(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= INTERNED_MAX) texts.clear()
  texts.set(text, text)
  return text
}

function sharedProfile(given: Profile): Profile {
  const { protocolVersion, cleanStart, keepAliveSeconds, transport, origin, userAgent, path } = given
  const key = `${protocolVersion} ${cleanStart} ${keepAliveSeconds} ${transport}\n${origin}\n${userAgent}\n${path}`
  const known = profiles.get(key)
  if (known !== undefined) return known
  if (profiles.size >= INTERNED_MAX) profiles.clear()
  const profile = { protocolVersion, cleanStart, keepAliveSeconds, transport, origin, userAgent, path }
  profiles.set(key, profile)
  return profile
}
