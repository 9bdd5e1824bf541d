// The entry of the page that documents the admin API: styles, then the page. It needs no login, and nothing of the console.

import '../fonts.css'
import '../tokens.css'
import '../base.css'
import { mount } from 'svelte'
import DocsPage from './DocsPage.svelte'

const target = document.getElementById('app')
if (target === null) throw new Error('api-docs.html has no #app')
mount(DocsPage, { target })
