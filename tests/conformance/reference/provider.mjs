// A certified provider with the features that the tests ask for, one account, and plain forms for login and consent.
// Its description comes as one line of JSON on standard input; it ends when that input ends.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const SCOPES = {
  profile: ['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture',
    'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
};

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'reference-1' };
}

function configuration({ clients, account, acr }) {
  return {
    clients,
    acrValues: [acr],
    claims: { openid: ['sub', 'sid', 'auth_time', 'acr'], ...SCOPES },
    cookies: { keys: ['a-key-of-the-tests'], long: { signed: true, sameSite: 'none' } },
    enableHttpPostMethods: true,
    features: {
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          const button = '<button type="submit" name="logout" value="yes">Sign out</button></form>';
          ctx.body = page('Do you want to sign out?', form.replace('</form>', button));
        },
        postLogoutSuccessSource: (ctx) => { ctx.body = page('You are signed out', ''); },
      },
    },
    // The tests' receivers are on loopback, where it would post no logout token by itself.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...account.claims }) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [signingKey()] },
    pkce: { required: () => false },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = page('This cannot be done', `<p role="alert">${text(out.error)}: ${text(out.error_description)}</p>`);
    },
    scopes: ['openid', 'offline_access'],
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
  };
}

function text(value = '') {
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function page(title, content) {
  return `<!DOCTYPE html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1>${content}</body></html>`;
}

const LOGIN = page('Sign in', `<form method="post">
<label for="login">Login</label> <input id="login" name="login">
<label for="password">Password</label> <input id="password" name="password" type="password">
<button type="submit">Sign in</button></form>`);
const CONSENT = page('Allow this?', '<form method="post"><button type="submit">Continue</button></form>');

async function interact(provider, described, request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(details.prompt.name === 'login' ? LOGIN : CONSENT);
    return;
  }
  const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
  const result = details.prompt.name === 'login' ? login(described, form) : { consent: { grantId: await grant(provider, details) } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: details.prompt.name !== 'login' });
}

function login({ account, acr }, form) {
  const right = form.get('login') === account.login && form.get('password') === account.password;
  return right ? { login: { accountId: account.id, acr } } : { error: 'access_denied', error_description: 'wrong password' };
}

async function grant(provider, { grantId, params, prompt, session }) {
  const given = grantId ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) given.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  if (prompt.details.missingOIDCClaims) given.addOIDCClaims(prompt.details.missingOIDCClaims);
  return given.save();
}

function serve(described) {
  const provider = new Provider(described.issuer, configuration(described));
  provider.on('server_error', (_ctx, error) => console.error(error));
  const answer = provider.callback();
  createServer((request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    return interact(provider, described, request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
  }).listen(new URL(described.issuer).port, '127.0.0.1');
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => serve(JSON.parse(line)));
input.once('close', () => process.exit(0));
