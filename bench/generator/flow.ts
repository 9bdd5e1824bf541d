// One publisher's closed loop: it sends a block only when a block sent earlier has been delivered and acknowledged.
import { Block, type BlockOptions } from './block.ts'
import type { Client } from './client.ts'

export type FlowOptions = Omit<BlockOptions, 'packetIdFirst' | 'messages'> & {
  /** Messages per write. */
  blockMessages: number
  /** Blocks that may be under way; the credit window is this many times `blockMessages`. */
  blocksUnderWay: number
  /** How many parties have to finish a block: its receivers, and at QoS 1 the publisher with its last PUBACK. */
  parties: number
  /** Blocks after which the flow stops by itself. */
  blocksMax?: number
  /** Told the milliseconds from the write of a block until all parties were through with it. */
  onBlockDone?: (milliseconds: number) => void
}

export class Flow {
  readonly #blocks: Block[] = []
  readonly #partiesLeft: Int32Array
  readonly #sentAt: Float64Array
  readonly #options: FlowOptions
  #client: Client | null = null
  #isRunning = false
  #sentBlocks = 0
  #doneBlocks = 0
  #acknowledged = 0

  constructor(options: FlowOptions) {
    const { blockMessages, blocksUnderWay } = options
    this.#options = options
    this.#partiesLeft = new Int32Array(blocksUnderWay).fill(options.parties)
    this.#sentAt = new Float64Array(blocksUnderWay)
    for (let index = 0; index < blocksUnderWay; index++) {
      const packetIdFirst = 1 + index * blockMessages
      this.#blocks.push(new Block({ ...options, messages: blockMessages, packetIdFirst }))
    }
  }

  start(client: Client): void {
    this.#client = client
    this.#isRunning = true
    this.#fillWindow()
  }

  stop(): void {
    this.#isRunning = false
  }

  get sentMessages(): number {
    return this.#sentBlocks * this.#options.blockMessages
  }

  get acknowledgedMessages(): number {
    return this.#acknowledged
  }

  /** True when nothing is under way and nothing more will be. */
  get isFinished(): boolean {
    const isExhausted = this.#sentBlocks === (this.#options.blocksMax ?? Number.POSITIVE_INFINITY)
    return (isExhausted || !this.#isRunning) && this.#sentBlocks === this.#doneBlocks
  }

  /** Counts a PUBACK; the broker sends them in the order of the publishes [MQTT3-4.6.0-2]. */
  readonly onAcknowledgement = (): void => {
    this.#acknowledged++
    if (this.#acknowledged % this.#options.blockMessages === 0) this.onPartyDone(this.#acknowledged)
  }

  /** A party has seen all messages up to `messages`, which ends a block. */
  onPartyDone(messages: number): void {
    const { blockMessages, blocksUnderWay, parties, onBlockDone } = this.#options
    const slot = (messages / blockMessages - 1) % blocksUnderWay
    const left = (this.#partiesLeft[slot] as number) - 1
    if (left > 0) {
      this.#partiesLeft[slot] = left
      return
    }
    this.#partiesLeft[slot] = parties
    this.#doneBlocks++
    onBlockDone?.(performance.now() - (this.#sentAt[slot] as number))
    this.#fillWindow()
  }

  /** Sends one block whatever the window says, for paced loads; false when its buffers are all still in use. */
  sendOne(client: Client): boolean {
    if (this.#sentBlocks - this.#doneBlocks >= this.#options.blocksUnderWay) return false
    this.#send(client)
    return true
  }

  #fillWindow(): void {
    const client = this.#client
    if (client === null) return
    const { blocksUnderWay, blocksMax = Number.POSITIVE_INFINITY } = this.#options
    while (
      this.#isRunning &&
      this.#sentBlocks - this.#doneBlocks < blocksUnderWay &&
      this.#sentBlocks < blocksMax
    ) {
      this.#send(client)
    }
  }

  #send(client: Client): void {
    const slot = this.#sentBlocks % this.#options.blocksUnderWay
    const now = performance.now()
    this.#sentAt[slot] = now
    this.#sentBlocks++
    client.sendFramed((this.#blocks[slot] as Block).stamped(now))
  }
}
