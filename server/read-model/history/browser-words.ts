// The name of a browser, from what it says of itself.

/** Those that also name another one come first: Edge says Chrome and Safari, Chrome says Safari. */
const browsers: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(HeadlessChrome|Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

/** `browser` for one that is not known. */
export function browserInWords(userAgent: string | null): string {
  if (userAgent === null) return 'browser'
  return browsers.find(([mark]) => mark.test(userAgent))?.[1] ?? 'browser'
}
