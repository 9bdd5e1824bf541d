// Does something at once when it is asked to, and at most so often when it is asked again and again; the last one counts.

export interface Paced {
  ask(): void
  end(): void
}

/** `act` is not begun again before it has ended. */
export function atMostEvery(ms: number, act: () => Promise<void> | void): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isBusy = false
  let wasAsked = false
  const run = async (): Promise<void> => {
    wasAsked = false
    isBusy = true
    try {
      await act()
    } finally {
      timer = setTimeout(() => {
        isBusy = false
        if (wasAsked) void run()
      }, ms)
    }
  }
  return {
    ask: () => {
      wasAsked = true
      if (!isBusy) void run()
    },
    end: () => {
      isBusy = true
      clearTimeout(timer)
    },
  }
}
