// An extranet around the block « openid-client » of docs/integrate.md: it shows as JSON what the library gave it.
import { createServer } from 'node:http'
import { begin, complete, logout, profile, refresh } from './oidc.mjs'

const session = {} // one person at a time
const extranet = process.env.EXTRANET

const pages = {
  '/': () => ({ status: 'ready' }),
  '/login': sendToSignIn,
  '/login/pushed': sendToSignIn, // the library's block always pushes
  '/callback': async (url) => {
    const { tokens, claims, userinfo } = await complete(session, url)
    return keep(tokens, claims, userinfo)
  },
  '/profile': () => profile(session.tokens, session.claims),
  '/refresh': async () => {
    const tokens = await refresh(session.tokens.refresh_token)
    const claims = tokens.claims()
    return keep(tokens, claims, await profile(tokens, claims))
  },
  '/logout': async () => logout(session.tokens.id_token).href,
  '/logged-out': () => ({ status: 'logged out' }),
}

async function sendToSignIn(url) {
  return (await begin(session, Object.fromEntries(url.searchParams))).href
}

function keep(tokens, claims, userinfo) {
  Object.assign(session, { tokens, claims })
  return { claims, userinfo, access_token: tokens.access_token, token_type: tokens.token_type, scope: tokens.scope }
}

async function answer(request, response) {
  const url = new URL(request.url, extranet)
  response.shouldKeepAlive = false
  try {
    const made = await pages[url.pathname](url)
    if (typeof made === 'string') response.writeHead(303, { location: made }).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(made))
  } catch (error) {
    const told = { error: error.error ?? String(error), description: error.error_description, cause: String(error.cause) }
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  }
}

createServer(answer).listen(Number(new URL(extranet).port), '127.0.0.1')
