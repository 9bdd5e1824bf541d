// The name of a browser and its system, from what it says of itself.

/** Those that also name another one come first: Edge says Chrome and Safari, Chrome says Safari. */
const browsers: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdg(?:A|iOS)?\/(\d+)?/, 'Edge'],
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

/** Stands for one that is not known. */
export const UNKNOWN_BROWSER = 'browser'

export function browserInWords(userAgent: string | null): string {
  if (userAgent === null) return UNKNOWN_BROWSER
  return browsers.find(([mark]) => mark.test(userAgent))?.[1] ?? UNKNOWN_BROWSER
}

/** `Chrome 142 on Windows`; as much of it as is known. */
export function browserAndSystem(userAgent: string): string {
  const system = systems.find(([mark]) => mark.test(userAgent))?.[1]
  const [mark, name] = browsers.find(([mark]) => mark.test(userAgent)) ?? []
  const version = mark?.exec(userAgent)?.[1]
  const browser = version === undefined ? (name ?? UNKNOWN_BROWSER) : `${name} ${version}`
  return system === undefined ? browser : `${browser} on ${system}`
}
