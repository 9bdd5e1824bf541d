// The tables of users, logins and keys in the side database; what stands in them is small, and also held in memory.

import type { SideDatabase } from '../../store/side/side-database.ts'

const steps = [
  `CREATE TABLE user (
     id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, grants TEXT NOT NULL,
     password TEXT NOT NULL, created_at REAL NOT NULL, last_seen_at REAL);
   CREATE TABLE login (
     id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, created_at REAL NOT NULL,
     last_seen_at REAL NOT NULL, address TEXT NOT NULL, user_agent TEXT);
   CREATE TABLE api_key (
     id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, prefix TEXT NOT NULL, secret_hash TEXT NOT NULL UNIQUE,
     role TEXT NOT NULL, grants TEXT NOT NULL, client_id_prefix TEXT, created_at REAL NOT NULL,
     created_by TEXT NOT NULL, expires_at REAL, last_used_at REAL, last_used_from TEXT);`,
]

export function defineAccountTables(side: SideDatabase): Promise<void> {
  return side.define('accounts', steps)
}
