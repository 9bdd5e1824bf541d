// The log: levels, both formats, and fields that try to forge a line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../server/log.ts'

function logged(format: 'json' | 'text', act: (log: ReturnType<typeof createLog>) => void): string {
  let text = ''
  const write = (line: string) => {
    text += line
  }
  act(createLog({ level: 'info', format, write, now: () => 1_700_000_000_000 }))
  return text
}

const hostile = 'a\nfake line\u001b[31m\u009b31m\u2028\u202e"\\\u007f'

test('less severe levels than the chosen one are left out', () => {
  const text = logged('text', log => {
    log.debug('debug')
    log.info('info')
    log.warn('warn')
    log.error('error')
  })
  assert.deepEqual(text.match(/ (info|warn|error|debug) /g), [' info ', ' warn ', ' error '])
})

test('json: one object a line with time, level and message first', () => {
  const text = logged('json', log => log.info('listening', { listener: 'tcp', port: 1, absent: undefined }))
  assert.equal(
    text,
    '{"time":"2023-11-14T22:13:20.000Z","level":"info","msg":"listening","listener":"tcp","port":1}\n',
  )
})

test('json: a hostile value stays in its field and comes back whole', () => {
  const text = logged('json', log => log.warn('refused', { clientId: hostile }))
  assert.equal(text.split('\n').length, 2)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  assert.doesNotMatch(text.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/)
  assert.equal(JSON.parse(text).clientId, hostile)
})

test('json: a field cannot pose as time, level or message', () => {
  const text = logged('json', log => log.info('real', { msg: 'forged', level: 'error', time: 'never' }))
  const line = JSON.parse(text)
  assert.deepEqual([line.msg, line.level], ['real', 'info'])
  assert.equal(text.match(/"msg"/g)?.length, 1)
})

test('text: plain values stand bare, others quoted and escaped, the message too', () => {
  const text = logged('text', log =>
    log.error('has "quotes"\nand more', {
      clientId: hostile,
      url: 'mqtt://h:1',
      count: 3,
      absent: undefined,
    }),
  )
  assert.equal(text.split('\n').length, 2)
  assert.match(text, /^2023-11-14T22:13:20.000Z error has "quotes"\\nand more clientId="a\\nfake line/)
  assert.match(text, / url=mqtt:\/\/h:1 count=3\n$/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  assert.doesNotMatch(text.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/)
})

test('a value that would fill the disk is cut', () => {
  assert.ok(logged('json', log => log.info('long', { value: 'x'.repeat(1_000_000) })).length < 5_000)
})
