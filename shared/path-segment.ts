// Any text as one segment of a URL's path: client ids, topics and filters may hold slashes, dots and anything else.

/**
 * Percent-encoded. `.` and `..` would be taken for steps in the path however they are written, so a text that
 * begins with a dot gets a tilde in front, and so does one that begins with a tilde.
 */
export function pathSegment(text: string): string {
  return encodeURIComponent(/^[.~]/.test(text) ? `~${text}` : text)
}

/** What `pathSegment` was made of, once the percent-encoding has been undone. */
export function fromPathSegment(decoded: string): string {
  return decoded.startsWith('~') ? decoded.slice(1) : decoded
}
