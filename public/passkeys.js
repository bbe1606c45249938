// Passkeys: fetches what is to be answered, lets the browser ask for the passkey, and sends the answer with the form.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** Options as the server writes them, with bytes where browsers want bytes. */
function decoded(options) {
  const withBytes = (credential) => ({ ...credential, id: toBytes(credential.id) });
  return {
    ...options,
    challenge: toBytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
    ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(withBytes) }),
    ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map(withBytes) }),
  };
}

/** The answer as the server reads it. */
function encoded(credential) {
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  const { id, type } = credential;
  return JSON.stringify({ id, rawId: toText(credential.rawId), type, response, extensions: {} });
}

/** Why there is no passkey, in words. */
const reasons = {
  NotAllowedError: 'No passkey was given, or it took too long. Try again.',
  InvalidStateError: 'This device has a passkey for this account already.',
  SecurityError: 'The browser allows no passkeys for this address.',
};

async function answer(form) {
  const { passkey, challenge, field } = form.dataset;
  const asked = await fetch(challenge, { method: 'POST' });
  if (asked.status === 403) {
    // Who somebody is has to be shown first; the page that asks leads back here.
    location.assign(`/settings/confirm?next=${encodeURIComponent(location.pathname)}`);
    return;
  }
  if (asked.status === 409) throw new Error('There are as many passkeys as an account can have. Remove one first.');
  if (!asked.ok) throw new Error('The server could not be asked. Try again in a moment.');
  const publicKey = decoded(await asked.json());
  const credential =
    passkey === 'create' ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  form.elements[field].value = encoded(credential);
  form.submit();
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const said = form.querySelector('[role=alert]');
    said.textContent = '';
    answer(form).catch((error) => {
      said.textContent = reasons[error.name] ?? error.message;
    });
  });
}
