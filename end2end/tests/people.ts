// What stories about people share: their mail, their way in, and the pages that they come by.

import type { APIRequestContext, Browser, BrowserContext, Locator, Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { archive } from './archives';
import { accessibilityFindings, expect, watch } from './helpers';

/** The password of everybody. */
export const password = 'hay moon copper kettle';

/** What a form says above itself. */
export const whatWasWrong = (page: Page): Locator => page.getByRole('alert', { name: 'What went wrong' });
export const whatWasDone = (page: Page): Locator => page.getByRole('status', { name: 'What was done' });

/** The path of the link in the newest message to an address that has one. */
export async function linkFor(page: Page, email: string): Promise<string> {
  const html = await (await page.request.get('/dev/mail')).text();
  const messages = html.split('<article>').filter((message) => message.includes(`<p>To ${email},`));
  const links = messages.flatMap((message) => message.match(/https?:\/\/[^"\s<]+\?token=[\w-]+/) ?? []);
  expect(links, `links in messages to ${email}`).not.toEqual([]);
  const { pathname, search } = new URL(links[0]);
  return pathname + search;
}

/** Looks at pages as they are just now: takes a picture `{place}{name}.png`, asks axe, and measures the width. */
export function looker(page: Page, place: string, javaScript: boolean): (name: string) => Promise<void> {
  return async (name) => {
    await page.screenshot({ path: `results/screenshots/${place}${name}.png`, fullPage: true, animations: 'disabled' });
    expect.soft(await accessibilityFindings(page, javaScript), `what axe finds: ${name}`).toEqual([]);
    const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect.soft(needed, `width that ${name} needs`).toBeLessThanOrEqual(there);
  };
}

/** Makes an account with a password, whose address is confirmed. */
export async function register(page: Page, handle: string): Promise<void> {
  const email = `${handle}@example.org`;
  await page.goto('/register');
  const form = page.getByRole('form', { name: 'Register' });
  await form.getByLabel('Handle', { exact: true }).fill(handle);
  await form.getByLabel('E-mail address').fill(email);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Register' }).click();
  await expect(whatWasDone(page)).toContainText(email);
  await page.goto(await linkFor(page, email));
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(whatWasDone(page)).toContainText(`The account ${handle} is yours`);
}

/** Runs a command of whoever runs the registry; what it prints. */
export function administer(...act: string[]): string {
  // Where scripts/end-to-end takes it from.
  const { PGINSTALL_BIN, CARGO_TARGET_DIR, PGINSTALL_CACHE, XDG_CACHE_HOME, HOME } = process.env;
  const cache = PGINSTALL_CACHE || `${XDG_CACHE_HOME || `${HOME}/.cache`}/pginstall`;
  const program = PGINSTALL_BIN || `${CARGO_TARGET_DIR || `${cache}/target`}/debug/pginstall`;
  return execFileSync(program, ['admin', ...act], { stdio: 'pipe', encoding: 'utf8' }).trim();
}

/** Makes an account as whoever runs the registry does: registrations are few in an hour. */
export function createAccount(handle: string): void {
  administer('create-account', handle, '--email', `${handle}@example.org`);
}

/** Gives an account that has none yet its password, by the page for those who have forgotten theirs. */
export async function choosePassword(page: Page, handle: string): Promise<void> {
  const email = `${handle}@example.org`;
  await page.goto('/forgot-password');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('form', { name: 'Forgot the password' }).getByRole('button').click();
  await expect(whatWasDone(page)).toContainText(email);
  await page.goto(await linkFor(page, email));
  await page.getByRole('textbox', { name: 'New password' }).fill(password);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(whatWasDone(page)).toBeVisible();
}

/** Shows the password at the page to log in, which leads to `next` from there or asks for more. */
export async function showPassword(page: Page, handle: string, next = '/settings'): Promise<void> {
  await page.goto(`/login?next=${next}`);
  const form = page.getByRole('form', { name: 'Log in', exact: true });
  await form.getByLabel('Handle or e-mail address').fill(handle);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Log in', exact: true }).click();
}

export async function logOut(page: Page): Promise<void> {
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page).toHaveURL('/');
}

/** Lets the quarter of an hour go by in which somebody who has logged in is not asked again who they are. */
export function letTimeGoBy(handle: string): void {
  const sql = `update sessions set data = data || '{"proved_at": 0}'
    from principals as p where p.principal_id = sessions.principal_id and p.handle = :'handle'`;
  // As input, since psql puts no variables into what --command has.
  const options = ['--no-psqlrc', '--set=ON_ERROR_STOP=1', `--set=handle=${handle}`];
  const output = execFileSync(process.env.PSQL!, options, { input: sql, encoding: 'utf8' });
  expect(output.trim(), `sessions of ${handle}`).toMatch(/^UPDATE [1-9]/);
}

/** Asks for a token that may publish new packages and new releases. */
export async function askForToken(page: Page, name: string): Promise<void> {
  await page.goto('/settings/tokens');
  const form = page.getByRole('form', { name: 'New token' });
  await form.getByLabel('Name', { exact: true }).fill(name);
  for (const action of ['publish-new', 'publish-update']) await form.locator(`input[value="${action}"]`).check();
  await form.getByRole('button', { name: 'Create the token' }).click();
}

/** The token that the page shows. */
export async function shownToken(page: Page): Promise<string> {
  const token = await page.getByRole('region', { name: 'The new token' }).locator('code').innerText();
  expect(token).toMatch(/^pgi_\w{38}$/);
  return token;
}

/** Makes a token that may publish. */
export async function makeToken(page: Page, name: string): Promise<string> {
  await askForToken(page, name);
  return shownToken(page);
}

/** Publishes a version of a package by the API, as programs do; the answer's status. */
export async function publish(request: APIRequestContext, token: string, name: string, version = '1.0.0'): Promise<number> {
  const response = await request.put(`/api/v1/packages/${name}/${version}/artifacts/15/debian-12-x86_64-gnu`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/gzip' },
    data: archive(name, undefined, version),
  });
  return response.status();
}

/** An authenticator app with a secret: the codes of RFC 6238 with SHA-1, six digits and 30 seconds. */
export class Authenticator {
  private last = 0;

  constructor(private readonly secret: string) {}

  /** A code that was not given before. It is that of now or of a step later, which is accepted for half a minute at least. */
  code(): string {
    this.last = Math.max(this.last + 1, Math.floor(Date.now() / 30_000));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.last));
    const digest = createHmac('sha1', this.key()).update(counter).digest();
    const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }

  /** The bytes of the secret, which is written in base 32 (RFC 4648). */
  private key(): Buffer {
    const digits = [...this.secret.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter));
    const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
    return Buffer.from(bits.match(/.{8}/g)!.map((bits) => Number.parseInt(bits, 2)));
  }
}

/** How windows look in which a story is told that needs no scripts. */
export const looks = [[1280, 'light'], [360, 'dark']] as const;

/** Who is logged in, for windows that are opened later; messages with links to new passwords are few in an hour. */
export const sessions = new Map<string, Awaited<ReturnType<BrowserContext['storageState']>>>();

export type Window = { page: Page; problems: string[] };

/** A window of its own for somebody, without scripts. */
export async function windowOf(browser: Browser, baseURL: string, handle?: string, [width, colorScheme]: (typeof looks)[number] = looks[0]): Promise<Window> {
  const storageState = handle ? sessions.get(handle) : undefined;
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false, colorScheme, viewport: { width, height: 800 }, storageState });
  const page = await context.newPage();
  return { page, problems: await watch(page, baseURL, false) };
}

/** Closes windows in which nothing went wrong. */
export async function close(...windows: Window[]): Promise<void> {
  for (const { page, problems } of windows) {
    expect(problems, 'what went wrong in a window').toEqual([]);
    await page.context().close();
  }
}

/** A field that was refused says why below itself, and keeps what was typed. */
export async function refused(field: Locator, typed: string, why: RegExp): Promise<void> {
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(why);
  await expect(field).toHaveValue(typed);
}

/** What is said of a reason that is none. */
export const tooShort = /^Say why, in 10 to 1000 characters/;
