// The reference provider with one client, doing the work that ours does: RS256, PKCE, refresh tokens that rotate.
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';
import { migrate, PostgresAdapter } from './adapter.mjs';

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;
const DAY = 86400;

const signingKey = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid: alg, use: 'sig', alg,
});

const configuration = {
  adapter: PostgresAdapter,
  clients: [{
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'RS256',
  }],
  jwks: { keys: [signingKey('rsa', { modulusLength: 2048 }, 'RS256'), signingKey('ec', { namedCurve: 'P-256' }, 'ES256')] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'updated_at'] },
  scopes: ['openid', 'offline_access'],
  cookies: { keys: ['bench-cookie-key-0123456789abcdef'] },
  pkce: { required: () => true },
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  findAccount: async (_ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: `${id}@courriel.example`, email_verified: true, name: 'Jeanne Dupont', updated_at: 1760000000 }),
  }),
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: {
    AccessToken: 300, AuthorizationCode: 60, IdToken: 600, RefreshToken: 14 * DAY, Grant: 14 * DAY, Session: 14 * DAY, Interaction: 3600,
  },
};

// Signs in whoever `login_hint` names and consents for them: only the driver's preparation comes by here.
const interact = (provider) => async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  const result = prompt.name === 'login'
    ? { login: { accountId: params.login_hint } }
    : { consent: { grantId: await consented(provider, grantId, session, params, prompt.details) } };
  return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
};

const consented = async (provider, grantId, session, params, { missingOIDCScope, missingOIDCClaims }) => {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  return grant.save();
};

await migrate();
const provider = new Provider(ISSUER, configuration);
provider.proxy = true;
provider.use(interact(provider));
provider.on('server_error', (_ctx, error) => console.error(error));
provider.listen(+PORT, '127.0.0.1');
