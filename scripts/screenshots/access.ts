// Pictures of the pages for those who are not logged in.

import type { Shot } from './shot.ts'

export const shots: readonly Shot[] = [
  {
    name: 'login',
    path: '/sessions',
    broker: 'empty',
    as: 'nobody',
    show: async page => page.getByRole('heading', { name: 'Log in' }).waitFor(),
  },
  {
    name: 'login-refused',
    path: '/login',
    broker: 'empty',
    as: 'nobody',
    show: async page => {
      await page.getByLabel('Name').fill('ana')
      await page.getByLabel('Password').fill('not the password')
      await page.keyboard.press('Enter')
      // After some pictures the broker says that it has been asked too often.
      await page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'setup',
    path: '/setup#token=shown-in-the-terminal',
    broker: 'empty',
    as: 'nobody',
    show: async page => page.getByRole('heading', { name: 'Make the first admin' }).waitFor(),
  },
]
