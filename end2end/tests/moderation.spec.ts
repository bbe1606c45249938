// Reports, what moderators and admins do about them, and what owners can say to it. All of it goes without scripts.

import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { archive } from './archives';
import { expect, test } from './helpers';
import {
  administer, choosePassword, close, createAccount, letTimeGoBy, linkFor, looker, looks, password, publish, refused, sessions, showPassword,
  tooShort, whatWasDone, whatWasWrong, windowOf,
} from './people';

const [admin, moderator, owner] = ['queen-of-sheep', 'dog-of-sheep', 'wolf-of-sheep'];

let token: string;

const place = (width: number) => `moderation/no-javascript-${width}-`;

/** Looks at a page of a story that is told once, as narrow and wide windows show it. */
async function lookAtBoth(page: Page, name: string): Promise<void> {
  for (const [width, colorScheme] of looks) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await looker(page, place(width), false)(name);
  }
}

/** The text of the newest message to an address. */
async function messageTo(page: Page, email: string): Promise<string> {
  const html = await (await page.request.get('/dev/mail')).text();
  return html.split('<article>').find((message) => message.includes(`<p>To ${email},`)) ?? '';
}

/** Within a second, everything offers a package to somebody without an account and gives its file away, or nothing does. */
async function isOffered(request: APIRequestContext, name: string, file: string, is: boolean): Promise<void> {
  const has = (path: string, words: string) => [path, async () => (await (await request.get(path)).text()).includes(words)] as const;
  const answers = (path: string) => [path, async () => {
    const response = await request.get(path, { maxRedirects: 0 });
    return response.status() < 400 && !['', '[]'].includes(await response.text());
  }] as const;
  const places = [
    has('/', `/packages/${name}"`),
    has(`/search?q=${name}`, `/packages/${name}"`),
    has(`/api/v1/search?q=${name}`, `"${name}"`),
    has('/api/v1/trunk-projects', `"${name}"`),
    has('/sitemaps/packages-0.xml', `/packages/${name}<`),
    answers(`/api/v1/trunk-projects/${name}`),
    answers(`/extensions/${name}/1.0.0/download`),
    answers(file),
  ];
  await Promise.all(places.map(([path, ask]) => expect.poll(ask, { message: path, timeout: 1000, intervals: [20] }).toBe(is)));
}

/** An archive for PostgreSQL 16: for 15, trunk asks in its old way too, again and again for half a minute. */
function archiveFor16(name: string): Buffer {
  const tar = gunzipSync(archive(name)).toString('latin1');
  return gzipSync(Buffer.from(tar.replace('"pg_version":15', '"pg_version":16'), 'latin1'));
}

const trunk = process.env.TRUNK_COMMAND || execFileSync('../scripts/with-clients', ['printenv', 'TRUNK_COMMAND'], { encoding: 'utf8' }).trim();

/** Installs a package with the trunk command as it is: what it says, and the files that it has installed. */
async function trunkInstall(registry: string, name: string): Promise<{ code: number; output: string; files: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'pginstall-trunk.'));
  const [sharedir, pkglibdir] = ['share', 'lib'].map((part) => join(directory, part));
  for (const path of [join(sharedir, 'extension'), pkglibdir]) mkdirSync(path, { recursive: true });
  // It asks no pg_config where it is told everything.
  const options = ['--registry', registry, '--pg-version=16', '--pg-config=pg_config', '--sharedir', sharedir, '--pkglibdir', pkglibdir];
  const env = { HOME: directory, PATH: '/usr/bin:/bin' };
  try {
    const { code, stdout, stderr } = await promisify(execFile)(trunk, ['install', name, ...options], { cwd: directory, env }).then(
      (outcome) => ({ code: 0, ...outcome }),
      (error) => error,
    );
    return { code, output: stdout + stderr, files: readdirSync(join(sharedir, 'extension')) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, baseURL }) => {
  test.setTimeout(120_000);
  for (const handle of [admin, moderator, owner]) {
    createAccount(handle);
    const { page, problems } = await windowOf(browser, baseURL!);
    await choosePassword(page, handle);
    await showPassword(page, handle);
    await expect(page).toHaveURL('/settings');
    sessions.set(handle, await page.context().storageState());
    await close({ page, problems });
  }
  token = administer('create-token', owner);
});

test.describe('Without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('The first admin comes by the link on the console, and looks after accounts', async ({ page: stranger, browser, request, baseURL }) => {
    test.setTimeout(180_000);
    const [queen, dog, wolf] = await Promise.all([admin, moderator, owner].map((handle) => windowOf(browser, baseURL!, handle)));

    await test.step('For everybody else there is no administration', async () => {
      for (const path of ['/admin', '/admin/reports', '/admin/accounts', `/admin/accounts/${owner}`]) {
        expect((await wolf.page.goto(path))?.status(), path).toBe(404);
        await stranger.goto(path);
        await expect(stranger).toHaveURL(/\/login\?next=/);
      }
      await wolf.page.goto('/admin');
      await lookAtBoth(wolf.page, 'nothing-there');
    });

    await test.step('The link makes one account an admin', async () => {
      const log = readFileSync(join(dirname(process.env.PGINSTALL_DATA_DIR!), 'server.log'), 'utf8');
      const { pathname, search } = new URL(/log in and open (\S+) to become the first admin/.exec(log)![1]);
      await queen.page.goto(pathname + search);
      await lookAtBoth(queen.page, 'first-admin');
      await wolf.page.goto(pathname + search);
      await queen.page.getByRole('button', { name: 'Become the first admin' }).click();
      await expect(queen.page).toHaveURL('/admin');
      await lookAtBoth(queen.page, 'dashboard');
      await wolf.page.getByRole('button', { name: 'Become the first admin' }).click();
      await expect(whatWasWrong(wolf.page)).toContainText('This link is good no more');
      await lookAtBoth(wolf.page, 'first-admin-refused');
    });

    await test.step('An account is found, and gets a role with a reason', async () => {
      const { page } = queen;
      await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Accounts' }).click();
      await expect(page).toHaveURL('/admin/accounts');
      await lookAtBoth(page, 'accounts');
      await page.getByRole('searchbox', { name: 'Handle, address or name' }).fill('nobody at all');
      await page.getByRole('main').getByRole('button', { name: 'Search' }).click();
      await expect(page.getByText('Nobody.', { exact: true })).toBeVisible();
      await lookAtBoth(page, 'accounts-none');
      await page.getByRole('searchbox', { name: 'Handle, address or name' }).fill('dog-of');
      await page.getByRole('main').getByRole('button', { name: 'Search' }).click();
      await page.getByRole('main').getByRole('link', { name: moderator }).click();
      await expect(page).toHaveURL(`/admin/accounts/${moderator}`);
      await lookAtBoth(page, 'account');
      const form = page.getByRole('form', { name: 'Role' });
      await form.getByLabel('May').selectOption('moderator');
      await form.getByLabel('Reason').fill(' ');
      await form.getByRole('button', { name: 'Change the role' }).click();
      await refused(form.getByLabel('Reason'), ' ', tooShort);
      await expect(form.getByLabel('May')).toHaveValue('moderator');
      await lookAtBoth(page, 'role-refused');
      await form.getByLabel('Reason').fill('Barks at the right moments');
      await form.getByRole('button', { name: 'Change the role' }).click();
      await expect(whatWasDone(page)).toContainText('The role is changed');
      await lookAtBoth(page, 'role-changed');
    });

    await test.step('A moderator decides about reports, not about accounts', async () => {
      await dog.page.goto('/admin');
      await expect(dog.page.getByText('You are a moderator')).toBeVisible();
      const sections = dog.page.getByRole('navigation', { name: 'Administration' }).getByRole('link');
      await expect(sections).toHaveText(['Administration', 'Reports', 'Packages', 'Log']);
      await lookAtBoth(dog.page, 'dashboard-of-moderator');
      for (const path of ['/admin/accounts', `/admin/accounts/${owner}`]) {
        expect((await dog.page.goto(path))?.status(), path).toBe(404);
      }
    });

    const me = async () => (await request.get('/api/v1/me', { headers: { authorization: `Bearer ${token}` } })).status();
    const reason = 'It says it counts <i>sheep</i>, and eats them.';

    await test.step('An account is locked with a reason, which its owner reads', async () => {
      expect(await me()).toBe(200);
      const { page } = queen;
      await page.goto(`/admin/accounts/${owner}`);
      const form = page.getByRole('form', { name: 'Lock', exact: true });
      await form.getByLabel('Reason').fill('Bad wolf');
      await form.getByRole('button', { name: 'Lock' }).click();
      await refused(form.getByLabel('Reason'), 'Bad wolf', tooShort);
      await lookAtBoth(page, 'lock-refused');
      await form.getByLabel('Reason').fill(reason);
      await form.getByRole('button', { name: 'Lock' }).click();
      await expect(whatWasDone(page)).toContainText('The account is locked');
      await expect(page.getByRole('region', { name: 'The account' })).toContainText(reason);
      await lookAtBoth(page, 'account-locked');
      await wolf.page.goto('/settings');
      await expect(wolf.page).toHaveURL(/\/login/);
      await showPassword(wolf.page, owner);
      await expect(whatWasWrong(wolf.page)).toContainText(reason);
      await lookAtBoth(wolf.page, 'login-locked');
      expect(await me()).toBe(401);
      await page.goto('/admin/accounts?q=wolf');
      await expect(page.getByRole('main').getByRole('listitem').filter({ hasText: owner })).toContainText('locked');
      await lookAtBoth(page, 'accounts-locked');
    });

    await test.step('It is unlocked, and works again', async () => {
      const { page } = queen;
      await page.goto(`/admin/accounts/${owner}`);
      const form = page.getByRole('form', { name: 'Unlock' });
      await form.getByLabel('Reason').fill('All sheep were found again.');
      await form.getByRole('button', { name: 'Unlock' }).click();
      await expect(whatWasDone(page)).toContainText('The account is no longer locked');
      await lookAtBoth(page, 'account-unlocked');
      await showPassword(wolf.page, owner);
      await expect(wolf.page).toHaveURL('/settings');
      sessions.set(owner, await wolf.page.context().storageState());
      expect(await me()).toBe(200);
    });

    await close(queen, dog, wolf);
  });
});

for (const look of looks) {
  const [width, colorScheme] = look;
  test.describe(`Without JavaScript, ${width} wide, ${colorScheme}`, () => {
    test.use({ javaScriptEnabled: false, colorScheme, viewport: { width, height: 800 } });

    test('A package is reported, held back everywhere at once, and released', async ({ page: stranger, browser, request, baseURL }) => {
      test.setTimeout(180_000);
      const [dog, wolf] = await Promise.all([moderator, owner].map((handle) => windowOf(browser, baseURL!, handle, look)));
      const [strangerLooked, dogLooked, wolfLooked] = [stranger, dog.page, wolf.page].map((page) => looker(page, place(width), false));
      const name = `sheep_of_the_wolf_${width}`;
      const reporter = `shepherd-${width}@example.org`;
      const why = 'It does <i>harm</i> to sheep.';
      const inQueue = dog.page.getByRole('region', { name: 'Waiting for a verdict' }).getByRole('link', { name });
      const decision = dog.page.getByRole('form', { name: 'Decide' });
      const note = stranger.getByRole('note').filter({ hasText: 'This package is held back' });

      const installs = async () => {
        const { code, output, files } = await trunkInstall(baseURL!, name);
        expect(code, output).toBe(0);
        expect(files).toContain(`${name}.control`);
      };

      const file = await test.step('A package is published, and everything offers it', async () => {
        expect(await publish(request, token, name)).toBe(201);
        const added = await request.put(`/api/v1/packages/${name}/1.0.0/artifacts/16/debian-12-x86_64-gnu`, {
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/gzip' },
          data: archiveFor16(name),
        });
        expect(added.status(), await added.text()).toBe(201);
        const release = await (await request.get(`/api/v1/packages/${name}/1.0.0`)).json();
        const { pathname } = new URL(release.artifacts[0].url);
        await isOffered(request, name, pathname, true);
        await installs();
        return pathname;
      });

      await test.step('Somebody without an account reports it', async () => {
        await stranger.goto(`/packages/${name}`);
        await stranger.getByRole('link', { name: 'Report this release' }).click();
        const form = stranger.getByRole('form', { name: 'Report' });
        await expect(form.getByLabel('Package')).toHaveValue(name);
        await expect(form.getByLabel('Version')).toHaveValue('1.0.0');
        await strangerLooked('report');
        await form.getByLabel('What is wrong').selectOption('abuse');
        await form.getByLabel('In your words').fill('Sheep.');
        await form.getByLabel('Your e-mail address').fill(reporter);
        await form.getByRole('button', { name: 'Send the report' }).click();
        await refused(form.getByLabel('In your words'), 'Sheep.', /^Say what is wrong, in 10 to 4000 characters/);
        await expect(form.getByLabel('Package')).toHaveValue(name);
        await expect(form.getByLabel('Version')).toHaveValue('1.0.0');
        await expect(form.getByLabel('What is wrong')).toHaveValue('abuse');
        await expect(form.getByLabel('Your e-mail address')).toHaveValue(reporter);
        await strangerLooked('report-refused');
        await form.getByLabel('What is wrong').selectOption('malware');
        await form.getByLabel('In your words').fill('It counts all sheep & <b>eats</b> one of them.\n\nLook at its function.');
        await form.getByRole('button', { name: 'Send the report' }).click();
        await expect(whatWasDone(stranger)).toContainText(`A link was sent to ${reporter}`);
        await strangerLooked('report-sent');
      });

      await test.step('It counts when it is confirmed by the link in the mail, once', async () => {
        await dog.page.goto('/admin/reports');
        await expect(inQueue).toHaveCount(0);
        await dogLooked('reports-none');
        const link = await linkFor(stranger, reporter);
        await stranger.goto(link);
        await strangerLooked('report-to-confirm');
        await stranger.getByRole('button', { name: 'Confirm the report' }).click();
        await expect(whatWasDone(stranger)).toContainText('Your report is confirmed');
        await strangerLooked('report-confirmed');
        await stranger.goto(link);
        await stranger.getByRole('button', { name: 'Confirm the report' }).click();
        await expect(whatWasWrong(stranger)).toContainText('This link is good no more');
        await strangerLooked('report-confirmed-again');
        await stranger.goto(`/report?user=${owner}`);
        await strangerLooked('report-account');
      });

      await test.step('No verdict without a reason', async () => {
        await dog.page.goto('/admin');
        await dogLooked('dashboard-with-case');
        await dog.page.getByRole('main').getByRole('link', { name: /waits?$/ }).click();
        await expect(dog.page).toHaveURL('/admin/reports');
        await dogLooked('reports');
        await inQueue.click();
        await dogLooked('case');
        await decision.getByLabel('Of what').selectOption('1.0.0');
        for (const typed of [' ', 'Harm']) {
          await decision.getByLabel('Reason').fill(typed);
          await decision.getByRole('button', { name: 'Quarantine' }).click();
          await refused(decision.getByLabel('Reason'), typed, tooShort);
          await expect(decision.getByLabel('Of what')).toHaveValue('1.0.0');
        }
        await dogLooked('case-refused');
      });

      await test.step('Three clicks hold it back, the confirmation of who it is among them', async () => {
        let clicks = 0;
        const click = async (what: Locator) => {
          clicks += 1;
          await what.click();
        };
        letTimeGoBy(moderator);
        await dog.page.goto('/admin/reports');
        await click(inQueue);
        await decision.getByLabel('Reason').fill(why);
        await click(decision.getByRole('button', { name: 'Quarantine' }));
        const confirmation = dog.page.getByRole('form', { name: 'Confirm with the password' });
        await confirmation.getByLabel('Your password').fill(password);
        await click(confirmation.getByRole('button', { name: 'Confirm' }));
        await expect(whatWasDone(dog.page)).toContainText('It is decided');
        const decided = Date.now();
        const [{ code, output, files }] = await Promise.all([trunkInstall(baseURL!, name), isOffered(request, name, file, false)]);
        expect(Date.now() - decided, 'milliseconds after the verdict').toBeLessThan(1000);
        expect(code, output).not.toBe(0);
        expect(output).toContain('Found no Trunk project');
        expect(files).toEqual([]);
        expect(clicks).toBe(3);
        await dogLooked('case-decided');
      });

      await test.step('Its page says so, and nobody installs it', async () => {
        await stranger.goto(`/packages/${name}`);
        await expect(note).toContainText(why);
        await expect(stranger.getByText('It cannot be installed while it is held back.')).toBeVisible();
        await strangerLooked('package-held-back');
        await stranger.goto(`/packages/${name}/files`);
        await strangerLooked('files-held-back');
        expect((await stranger.goto(`/packages/${name}/1.0.0`))?.status()).toBe(200);
        await expect(note).toBeVisible();
        expect(await messageTo(stranger, reporter)).toContain('It does &lt;i&gt;harm&lt;/i&gt; to sheep.');
      });

      await test.step('Its owner changes nothing of it, and appeals once', async () => {
        expect(await publish(request, token, name, '1.1.0')).toBe(409);
        const { page } = wolf;
        await page.goto(`/settings/packages/${name}/availability`);
        const form = page.getByRole('form', { name: 'Appeal' });
        await expect(page.getByRole('region', { name: 'Held back' })).toContainText(why);
        await wolfLooked('availability-held-back');
        await form.getByLabel('Why this is wrong').fill('No.');
        await form.getByRole('button', { name: 'Appeal' }).click();
        await refused(form.getByLabel('Why this is wrong'), 'No.', /^Say what is wrong, in 10 to 4000 characters/);
        await wolfLooked('appeal-refused');
        await form.getByLabel('Why this is wrong').fill('It does not eat any: it returns 1.');
        await form.getByRole('button', { name: 'Appeal' }).click();
        await expect(whatWasDone(page)).toContainText('Somebody looks at it again');
        await wolfLooked('appealed');
        await expect(page.getByRole('region', { name: 'Held back' })).toContainText('An appeal waits.');
        await expect(form).toHaveCount(0);
      });

      await test.step('The appeal is heard, and everything offers it again', async () => {
        await dog.page.goto('/admin/reports');
        await inQueue.click();
        await expect(dog.page.getByRole('region', { name: 'What is said' })).toContainText('It does not eat any: it returns 1.');
        await dogLooked('case-of-appeal');
        await decision.getByLabel('Reason').fill('The owner is right: it returns 1.');
        await decision.getByRole('button', { name: 'Release' }).click();
        await expect(whatWasDone(dog.page)).toContainText('It is decided');
        await isOffered(request, name, file, true);
        await dogLooked('case-released');
        await installs();
        await stranger.goto(`/packages/${name}`);
        await expect(note).toHaveCount(0);
        expect(await messageTo(stranger, `${owner}@example.org`)).toContain('The owner is right: it returns 1.');
        expect(await publish(request, token, name, '1.1.0')).toBe(201);
      });

      await test.step('What nobody has reported is looked at, too, and dismissed', async () => {
        const { page } = dog;
        await page.goto('/admin/reports');
        const form = page.getByRole('form', { name: 'Look at a package' });
        await form.getByLabel('Package').fill('no_such_sheep');
        await form.getByLabel('Reason').fill('There is a new version of it.');
        await form.getByRole('button', { name: 'Begin a case' }).click();
        await refused(form.getByLabel('Package'), 'no_such_sheep', /^There is no package no_such_sheep/);
        await expect(form.getByLabel('Reason')).toHaveValue('There is a new version of it.');
        await dogLooked('case-to-begin-refused');
        await form.getByLabel('Package').fill(name);
        await form.getByRole('button', { name: 'Begin a case' }).click();
        await expect(page).toHaveURL(/\/admin\/reports\/\d+$/);
        await dogLooked('case-begun');
        await decision.getByLabel('Reason').fill('It is as good as the one before.');
        await decision.getByRole('button', { name: 'Dismiss' }).click();
        await expect(whatWasDone(page)).toContainText('It is decided');
        await dogLooked('case-dismissed');
      });

      await test.step('The numbers are public', async () => {
        await stranger.goto('/transparency');
        const counted = async (table: string, what: string) => {
          const row = stranger.getByRole('region', { name: table }).locator('dl > div').filter({ hasText: what });
          return Number(await row.locator('dd').innerText());
        };
        expect(await counted('Reports', 'Malware')).toBeGreaterThan(0);
        for (const verdict of ['quarantined', 'released', 'dismissed']) expect(await counted('Verdicts', verdict)).toBeGreaterThan(0);
        await expect(stranger.getByText('less than an hour')).toBeVisible();
        await strangerLooked('transparency');
      });

      await close(dog, wolf);
    });
  });
}
