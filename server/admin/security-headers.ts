// Headers of every answer: they let a browser do nothing that our pages do not need.

/** Scripts, styles, fonts and images come from here alone, and nobody may put the page into a frame. */
export const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
