// The part of Paho JS 1.1 that the console uses; the package brings no types.

declare module 'paho-mqtt' {
  interface Failure {
    readonly errorCode: number
    readonly errorMessage: string
  }

  class Message {
    constructor(payload: string)
    destinationName: string
    qos: 0 | 1 | 2
    retained: boolean
    readonly duplicate: boolean
    readonly payloadString: string
  }

  class Client {
    constructor(url: string, clientId: string)
    onMessageArrived: (message: Message) => void
    onMessageDelivered: (message: Message) => void
    onConnectionLost: (failure: Failure) => void
    trace: (record: { readonly message: string }) => void
    connect(options: {
      cleanSession: boolean
      mqttVersion: 3 | 4
      /** In seconds, as is `keepAliveInterval`. */
      timeout: number
      keepAliveInterval: number
      onSuccess: () => void
      onFailure: (failure: Failure) => void
    }): void
    subscribe(
      filter: string,
      options: {
        qos: 0 | 1 | 2
        timeout: number
        onSuccess: (granted: { readonly grantedQos: ArrayLike<number> }) => void
        onFailure: (failure: Failure) => void
      },
    ): void
    send(message: Message): void
    disconnect(): void
  }

  const Paho: { readonly Client: typeof Client; readonly Message: typeof Message }

  export { Paho as default }
}
