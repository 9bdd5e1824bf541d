// A list through its elements: one is added at the end and any is taken out, and what is taken out holds nothing.
//
// It stands where a Map or an array would allocate a new table whenever it has been filled: the old tables are garbage
// in the old generation by then, and all that they name is copied there too, message by message.

export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
  /** The list that it is in. */
  chain: object | undefined
}

export class Chain<T extends Linked<T>> {
  first: T | undefined = undefined
  #last: T | undefined = undefined
  size = 0

  /** An element is in one list at a time. */
  add(element: T): void {
    element.chain = this
    element.previous = this.#last
    if (this.#last === undefined) this.first = element
    else this.#last.next = element
    this.#last = element
    this.size++
  }

  /** Whether it was in this list. */
  remove(element: T): boolean {
    if (element.chain !== this) return false
    const { previous, next } = element
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    element.chain = undefined
    element.previous = undefined
    element.next = undefined
    this.size--
    return true
  }

  /** In the order in which they were added; the one at hand may be taken out. */
  *[Symbol.iterator](): Generator<T> {
    for (let element = this.first; element !== undefined; ) {
      const { next } = element
      yield element
      element = next
    }
  }
}
