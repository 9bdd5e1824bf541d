// What is larger than its place is scrolled by keyboard, too: it takes the focus while it is, and only then.

/** To be attached to the element that scrolls. */
export function scrollable(element: HTMLElement): () => void {
  const look = (): void => {
    const isLarger =
      element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1
    if (isLarger) element.tabIndex = 0
    else element.removeAttribute('tabindex')
  }
  const observer = new ResizeObserver(look)
  for (const one of [element, ...element.children]) observer.observe(one)
  return () => observer.disconnect()
}
