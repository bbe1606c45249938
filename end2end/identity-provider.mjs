// Where accounts of others come from in the tests: an OpenID provider and, under /github, what GitHub has in the place of one.
// Whoever comes is believed: the name that is typed is the account. For tests only, so it listens on loopback and nowhere else.
//
// Environment: PORT (0 for a free one), CLIENT_ID, CLIENT_SECRET, and REDIRECT_URIS with spaces between them. The one line on
// stdout says where it is as soon as it is there; complaints go to stderr, and so do the remarks of oidc-provider on being used
// without a database.

import Provider from 'oidc-provider';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const { PORT = '0', CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, REDIRECT_URIS = '' } = process.env;
const redirectUris = REDIRECT_URIS.split(/\s+/).filter(Boolean);
if (!clientId || !clientSecret || redirectUris.length === 0) {
  console.error('CLIENT_ID, CLIENT_SECRET and REDIRECT_URIS are needed.');
  process.exit(1);
}

const secret = () => randomBytes(24).toString('base64url');
const sha256 = (text) => createHash('sha256').update(text).digest();

// ---- Accounts ----

/** What an account may be called: also what is safe in an address and in the local part of an email address. */
const accountName = '[A-Za-z0-9][A-Za-z0-9._\\-]*';

/**
 * The account of a name. `as-X` is another account than X that has the email address of X, and `unverified-as-X` says so without
 * having shown it; the address of every other `unverified-…` is its own, but not verified either.
 */
function accountOf(name) {
  const [, unverified, owner] = /^(unverified-)?as-(.+)$/.exec(name) ?? [null, /^unverified-/.exec(name), name];
  return { name, email: `${owner}@example.org`, isVerified: !unverified };
}

/**
 * The page that asks who is there. Its form goes to the address of the page itself, so that what the client asked for stays in
 * there. Refusing needs no account.
 */
const signInPage = (title) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${title}</title>
</head>
<body>
<main>
<h1>${title}</h1>
<form method="post">
<p><label for="account">Account</label> <input id="account" name="account" required pattern="${accountName}" autocomplete="off"></p>
<p>
<button name="answer" value="sign-in">Sign in at the provider</button>
<button name="answer" value="refuse" formnovalidate>Refuse</button>
</p>
</form>
</main>
</body>
</html>
`;

/** What the form of that page says: the name of an account, or null for a refusal. */
async function answerOf(request) {
  const form = await fieldsOf(request);
  if (form.answer === 'refuse') return null;
  const name = form.account?.trim() ?? '';
  if (!new RegExp(`^${accountName}$`).test(name)) throw new Refusal(400, 'This is no name of an account.');
  return name;
}

// ---- Requests and answers ----

/** Something that a request is answered with instead. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The fields of a body, which is a form or JSON. */
async function fieldsOf(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  if (!request.headers['content-type']?.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(body));
  try {
    return Object(JSON.parse(body));
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(body);
}

const sendJson = (response, status, value) => send(response, status, 'application/json', JSON.stringify(value));

function redirect(response, address, parameters) {
  const location = new URL(address);
  for (const [name, value] of Object.entries(parameters)) if (value != null) location.searchParams.set(name, value);
  // 303 and not 302: what was posted here is not to be posted there.
  response.writeHead(303, { location: location.href, 'cache-control': 'no-store' }).end();
}

// ---- The OpenID provider ----

function openIdProvider(issuer) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
        // As an application of the web, whose addresses are compared exactly; a native one could come back at any port.
        application_type: 'web',
        redirect_uris: redirectUris,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic'],
    pkce: { required: () => true },
    scopes: ['openid'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    // As the big providers do it, claims are in the ID token, too, and not only where an access token leads to.
    conformIdTokenClaims: false,
    findAccount(_, sub) {
      const { name, email, isVerified } = accountOf(sub);
      return { accountId: sub, claims: () => ({ sub, email, email_verified: isVerified, name, preferred_username: name }) };
    },
    // Consent to everything, without a page of its own.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
      await grant.save();
      return grant;
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    // Cookies do not know ports: names that nobody takes for those of the site, which has the same host.
    cookies: {
      keys: [secret()],
      names: { session: 'provider_session', interaction: 'provider_interaction', resume: 'provider_resume' },
    },
    jwks: { keys: [signingKey()] },
    // The defaults of these would say on stdout that they are defaults.
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
    renderError(ctx, { error, error_description }) {
      ctx.type = 'text';
      ctx.body = `${error}: ${error_description}\n`;
    },
  });
  for (const event of ['server_error', 'authorization.error', 'grant.error', 'userinfo.error']) {
    provider.on(event, (_, error) => console.error(`${event}: ${error.error_detail ?? error.error_description ?? error.stack}`));
  }
  return provider;
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: secret(), use: 'sig', alg: 'RS256' };
}

async function interact(provider, request, response) {
  const interaction = await provider.interactionDetails(request, response).catch(() => {
    throw new Refusal(400, 'There is no such interaction, or another browser has it.');
  });
  const finish = (result) => provider.interactionFinished(request, response, result);
  // Asked for with prompt=consent, and given as always.
  if (interaction.prompt.name === 'consent') return finish({ consent: {} });
  if (request.method !== 'POST') return send(response, 200, 'text/html', signInPage('OpenID provider'));

  const name = await answerOf(request);
  if (!name) return finish({ error: 'access_denied', error_description: 'The account was refused.' });
  // Where somebody else was signed in, oidc-provider would show a page that signs out by a script: it finds nobody instead.
  if (interaction.session && interaction.session.accountId !== name) {
    const before = await provider.Session.findByUid(interaction.session.uid);
    await before?.destroy();
    interaction.session = undefined;
    await interaction.persist();
  }
  return finish({ login: { accountId: name } });
}

// ---- In the place of GitHub ----

/** What a code stands for until it is used, and what a token stands for. */
const codes = new Map();
const tokens = new Map();

async function authorizeAtGithub(request, response, { searchParams }) {
  const asked = Object.fromEntries(searchParams);
  if (asked.client_id !== clientId) throw new Refusal(404, 'There is no such client.');
  const redirectUri = asked.redirect_uri ?? redirectUris[0];
  // GitHub would go to the registered address with an error; here it is a mistake in the tests.
  if (!redirectUris.includes(redirectUri)) throw new Refusal(400, 'The redirect_uri is not one of this client.');
  if (asked.code_challenge && asked.code_challenge_method !== 'S256') throw new Refusal(400, 'The code_challenge_method is not S256.');
  if (request.method !== 'POST') return send(response, 200, 'text/html', signInPage('In the place of GitHub'));

  const { state } = asked;
  const login = await answerOf(request);
  if (!login) {
    const error_description = 'The user has denied your application access.';
    return redirect(response, redirectUri, { error: 'access_denied', error_description, state });
  }
  const code = secret();
  const scopes = (asked.scope ?? '').split(/[\s,]+/).filter(Boolean);
  codes.set(code, { login, redirectUri, scopes, challenge: asked.code_challenge });
  return redirect(response, redirectUri, { code, state });
}

async function giveGithubToken(request, response) {
  const fields = await fieldsOf(request);
  const answer = githubToken({ ...fields, ...basicCredentials(request) });
  // GitHub says 200 even to errors, and answers with a form unless JSON is asked for.
  if (request.headers.accept?.includes('application/json')) return sendJson(response, 200, answer);
  return send(response, 200, 'application/x-www-form-urlencoded', new URLSearchParams(answer).toString());
}

/** The client of a Basic header, where there is one; both halves are encoded as in a form (RFC 6749, 2.3.1). */
function basicCredentials({ headers: { authorization } }) {
  const [, encoded] = /^Basic (.+)$/i.exec(authorization ?? '') ?? [];
  if (!encoded) return {};
  const [client_id, client_secret] = Buffer.from(encoded, 'base64').toString().replaceAll('+', ' ').split(':').map(decodeURIComponent);
  return { client_id, client_secret };
}

function githubToken(fields) {
  const failure = (error, error_description) => ({ error, error_description });
  if (fields.client_id !== clientId || fields.client_secret !== clientSecret) {
    return failure('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.');
  }
  const given = codes.get(fields.code);
  // Gone with the first try, whatever comes of it.
  codes.delete(fields.code);
  if (!given) return failure('bad_verification_code', 'The code passed is incorrect or expired.');
  if (fields.redirect_uri !== given.redirectUri) {
    return failure('redirect_uri_mismatch', 'The redirect_uri MUST match the registered callback URL for this application.');
  }
  if (given.challenge && sha256(fields.code_verifier ?? '').toString('base64url') !== given.challenge) {
    return failure('bad_verification_code', 'The code_verifier does not match the code_challenge.');
  }
  const access_token = secret();
  tokens.set(access_token, given);
  return { access_token, scope: given.scopes.join(','), token_type: 'bearer' };
}

function answerAsGithubApi(request, response, pathname) {
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const granted = tokens.get(token);
  if (!request.headers['user-agent']) return sendJson(response, 403, { message: 'Request forbidden by administrative rules.' });
  if (!granted) return sendJson(response, 401, { message: 'Bad credentials' });
  const { name: login, email, isVerified } = accountOf(granted.login);
  if (pathname === '/github/api/user') {
    const id = sha256(login).readUInt32BE() + 1;
    return sendJson(response, 200, { id, login, name: login, html_url: `https://github.com/${login}` });
  }
  // GitHub hides what the token is not good for.
  const maySeeEmails = ['user', 'user:email'].some((scope) => granted.scopes.includes(scope));
  if (!maySeeEmails) return sendJson(response, 404, { message: 'Not Found' });
  return sendJson(response, 200, [{ email, primary: true, verified: isVerified, visibility: 'private' }]);
}

// ---- The server ----

const server = createServer();
await new Promise((resolve, reject) => server.once('error', reject).listen(Number(PORT), '127.0.0.1', resolve));
// Only now is the port known, which is a part of the issuer.
const issuer = `http://localhost:${server.address().port}`;
const provider = openIdProvider(issuer);
const openId = provider.callback();

function answer(request, response) {
  const url = new URL(request.url, issuer);
  if (url.pathname.startsWith('/interaction/')) return interact(provider, request, response);
  // Of what is answered to HEAD, Node leaves the content out.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  switch (`${method} ${url.pathname}`) {
    case 'GET /github/login/oauth/authorize':
    case 'POST /github/login/oauth/authorize':
      return authorizeAtGithub(request, response, url);
    case 'POST /github/login/oauth/access_token':
      return giveGithubToken(request, response);
    case 'GET /github/api/user':
    case 'GET /github/api/user/emails':
      return answerAsGithubApi(request, response, url.pathname);
    default:
      return openId(request, response);
  }
}

server.on('request', async (request, response) => {
  try {
    await answer(request, response);
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    if (!response.headersSent) send(response, error.status ?? 500, 'text/plain', `${error.message}\n`);
  }
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit());
console.log(`listening on ${issuer}`);
