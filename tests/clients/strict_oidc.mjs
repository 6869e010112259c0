// The block « openid-client » of docs/integrate.md, for a client registered with everything that binds it: it signs its
// assertions (private_key_jwt), must push its requests, and its tokens are bound to a key of its own (DPoP).
import { webcrypto } from 'node:crypto'
import * as oidc from 'openid-client'

const { ISSUER, CLIENT_ID, EXTRANET, PRIVATE_JWK } = process.env
const jwk = JSON.parse(PRIVATE_JWK)
const key = await webcrypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
const method = oidc.PrivateKeyJwt({ key, kid: jwk.kid })
const config = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, method, {
  execute: [oidc.allowInsecureRequests] })
const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))

export async function begin(session, extra = {}) {
  session.verifier = oidc.randomPKCECodeVerifier()
  session.state = oidc.randomState()
  session.nonce = oidc.randomNonce()
  return oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: `${EXTRANET}/callback`, scope: 'openid profile email accounts offline_access',
    state: session.state, nonce: session.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(session.verifier), code_challenge_method: 'S256', ...extra,
  }, { DPoP })
}

export async function complete(session, address) {
  const expected = { pkceCodeVerifier: session.verifier, expectedState: session.state, expectedNonce: session.nonce }
  const tokens = await oidc.authorizationCodeGrant(config, address, expected, undefined, { DPoP })
  return { tokens, claims: tokens.claims(), userinfo: await profile(tokens, tokens.claims()) }
}

export const profile = (tokens, claims) => oidc.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
export const refresh = (refresh_token) => oidc.refreshTokenGrant(config, refresh_token, undefined, { DPoP })
export const logout = (id_token_hint) => oidc.buildEndSessionUrl(config, {
  id_token_hint, post_logout_redirect_uri: `${EXTRANET}/logged-out` })
