// Where somebody goes after logging in: back to where they came from, and never out of the console.

/** The path with its query, or `/` when the text leads to another origin or to the log-in itself. */
export function nextPage(next: string | null, origin: string): string {
  if (next === null || !next.startsWith('/')) return '/'
  const url = URL.parse(next, origin)
  if (url === null || url.origin !== origin || /^\/(login|setup)$/.test(url.pathname)) return '/'
  return url.pathname + url.search
}
