// What crosses between the event loop and the thread that owns the side database.

export type SideValue = string | number | null | Uint8Array
/** One statement with what stands for its question marks. */
export type SideStatement = readonly [sql: string, ...parameters: SideValue[]]
export type SideRow = Readonly<Record<string, SideValue>>

export type SideQuestion =
  | { readonly ask: 'define'; readonly module: string; readonly steps: readonly string[] }
  | { readonly ask: 'write'; readonly statements: readonly SideStatement[] }
  | { readonly ask: 'read'; readonly statement: SideStatement }
  | { readonly ask: 'backup'; readonly directory: string }
  | { readonly ask: 'close' }

/** full: no room on the disk; constraint: the tables do not allow it; failed: anything else. */
export type SideFailure = 'full' | 'constraint' | 'failed'

export type SideAnswer =
  | { readonly tell: 'done'; readonly rows: readonly SideRow[] }
  | { readonly tell: 'failed'; readonly failure: SideFailure; readonly message: string }

export interface SideSetup {
  /** Undefined: in memory, gone with the process. */
  readonly dataDirectory: string | undefined
}
