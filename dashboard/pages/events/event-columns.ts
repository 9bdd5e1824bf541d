// The columns of the table of events.

export const columns = [
  { id: 'time', head: 'Time' },
  { id: 'kind', head: 'Kind', hide: 'medium' },
  { id: 'client', head: 'Client', hide: 'narrow' },
  { id: 'what', head: 'What has happened', grow: true },
  { id: 'by', head: 'By', hide: 'medium' },
] as const

export type EventColumn = (typeof columns)[number]['id']
