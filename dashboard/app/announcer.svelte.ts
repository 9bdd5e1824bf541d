// What is read out politely to those who do not see it: few words, and only of what has changed by itself.

class Announcer {
  #text = $state.raw('')

  get text(): string {
    return this.#text
  }

  say(text: string): void {
    this.#text = text
  }
}

export const announcer = new Announcer()
