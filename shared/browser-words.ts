// The name of a browser and its system, from what it says of itself.

/** Those that also name another one come first: Edge says Chrome and Safari, Chrome says Safari. */
const browsers: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdgA?\/(\d+)?/, 'Edge'],
  [/\bOPR\/(\d+)?/, 'Opera'],
  [/\bSamsungBrowser\/(\d+)?/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d+)?/, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)?/, 'Chrome'],
  [/(?:\bVersion\/(\d+)\S* .*)?\bSafari\//, 'Safari'],
]

/** iPads say that they are Macs; Android says Linux as well. */
const systems: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/** `browser` for one that is not known. */
export function browserInWords(userAgent: string | null): string {
  if (userAgent === null) return 'browser'
  return browsers.find(([mark]) => mark.test(userAgent))?.[1] ?? 'browser'
}

/** `Chrome 142 on Windows`; as much of it as is known. */
export function browserAndSystem(userAgent: string): string {
  const system = systems.find(([mark]) => mark.test(userAgent))?.[1]
  const [mark, name] = browsers.find(([mark]) => mark.test(userAgent)) ?? []
  const version = mark?.exec(userAgent)?.[1]
  const browser = version === undefined ? (name ?? 'browser') : `${name} ${version}`
  return system === undefined ? browser : `${browser} on ${system}`
}
