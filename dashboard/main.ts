// The entry of the dashboard: styles, then the page.

import './fonts.css'
import './tokens.css'
import './base.css'
import { mount } from 'svelte'
import App from './App.svelte'

const target = document.getElementById('app')
if (target === null) throw new Error('index.html has no #app')
mount(App, { target })
