// What the start knows of the process and its listeners, for those who ask over HTTP.

export interface ServerFacts {
  readonly version: string
  readonly startedAt: number
  /** Asked for each time: with port 0 an address is known only once the listener is open. */
  listeners(): readonly { readonly listener: string; readonly url: string; readonly mqttUrl?: string }[]
  /** What was set and is not the default, as an operator would write it, and where it was set. */
  configuration(): readonly { readonly name: string; readonly value: string }[]
}
