// An account from its registration to its first publication, with and without scripts.

import { archive } from './archives';
import { expect, test } from './helpers';
import { linkFor, looker, password, whatWasDone, whatWasWrong } from './people';

for (const javaScriptEnabled of [true, false]) {
  for (const [width, colorScheme] of [[1280, 'light'], [360, 'dark']] as const) {
    test.describe(`${javaScriptEnabled ? 'With' : 'Without'} JavaScript, ${width} wide, ${colorScheme}`, () => {
      test.use({ javaScriptEnabled, colorScheme, viewport: { width, height: 800 } });

      test('Somebody registers, confirms, logs in, makes a token and publishes with it', async ({ page }) => {
        test.setTimeout(90_000);
        const handle = `person-${javaScriptEnabled ? 'with' : 'without'}-${width}`;
        const email = `${handle}@example.org`;
        const looked = looker(page, `accounts/${javaScriptEnabled ? 'javascript' : 'no-javascript'}-${width}-`, javaScriptEnabled);
        const wrong = whatWasWrong(page);
        const done = whatWasDone(page);

        await test.step('What is wrong with a registration stands at its field', async () => {
          await page.goto('/register');
          const form = page.getByRole('form', { name: 'Register' });
          await form.getByLabel('Handle', { exact: true }).fill(handle);
          await form.getByLabel('E-mail address').fill(email);
          await form.getByLabel('Password').fill('password1234');
          await form.getByRole('button', { name: 'Register' }).click();
          await expect(wrong).toBeVisible();
          await expect(form.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
          await expect(form.getByLabel('Handle', { exact: true })).toHaveValue(handle);
          await looked('register-refused');
          await form.getByLabel('Password').fill(password);
          await form.getByRole('button', { name: 'Register' }).click();
          await expect(done).toContainText(email);
          await looked('registered');
        });

        await test.step('The link in the mail confirms it', async () => {
          await page.goto(await linkFor(page, email));
          await looked('verify');
          await page.getByLabel('Password').fill(password);
          await page.getByRole('button', { name: 'Confirm the address' }).click();
          await expect(done).toContainText(`The account ${handle} is yours`);
          await looked('verified');
        });

        await test.step('Whoever logs in comes to where they wanted to go', async () => {
          await page.goto('/settings/tokens');
          await expect(page).toHaveURL(/\/login\?next=/);
          const form = page.getByRole('form', { name: 'Log in', exact: true });
          await form.getByLabel('Handle or e-mail address').fill(handle);
          await form.getByLabel('Password').fill('not the right one');
          await form.getByRole('button', { name: 'Log in', exact: true }).click();
          await expect(wrong).toContainText('do not belong together');
          await looked('login-refused');
          await form.getByLabel('Password').fill(password);
          await form.getByRole('button', { name: 'Log in', exact: true }).click();
          await expect(page).toHaveURL('/settings/tokens');
        });

        const token = await test.step('A token is made and shown once', async () => {
          const form = page.getByRole('form', { name: 'New token' });
          if (javaScriptEnabled) {
            // What the patterns match is said while they are typed.
            const matches = form.getByRole('list', { name: 'What they match' });
            await expect(matches).toContainText('every package');
            await form.getByRole('textbox', { name: 'Packages' }).fill('pg_part* hstore a*b');
            await expect(matches.getByRole('listitem')).toHaveText([
              /^pg_part\*: packages whose names begin with pg_part; none that you have now$/,
              /^hstore: the package hstore/,
              /^a\*b: a pattern is the name of a package/,
            ]);
            await form.getByRole('textbox', { name: 'Packages' }).fill('');
          }
          await form.getByLabel('Name', { exact: true }).fill('From my laptop');
          for (const action of ['publish-new', 'publish-update']) await form.locator(`input[value="${action}"]`).check();
          await form.getByRole('button', { name: /token/ }).click();
          const code = page.getByRole('region', { name: 'The new token' }).locator('code');
          const token = await code.innerText();
          expect(token).toMatch(/^pgi_\w{38}$/);
          await looked('token');
          await page.goto('/settings/tokens');
          await expect(page.getByText(token)).toHaveCount(0);
          await expect(page.getByText('From my laptop')).toBeVisible();
          return token;
        });

        await test.step('It publishes, and the profile shows what', async () => {
          const name = `of_${handle.replaceAll('-', '_')}`;
          await page.goto('/publish');
          const form = page.getByRole('form', { name: 'Publish an archive' });
          await form.getByLabel('Token', { exact: true }).fill(token);
          await form.getByLabel('Archive', { exact: true }).setInputFiles({ name: `${name}.tar.gz`, mimeType: 'application/gzip', buffer: archive(name) });
          await form.getByRole('button', { name: 'Publish', exact: true }).click();
          await expect(page).toHaveURL(`/packages/${name}`);
          await page.goto(`/users/${handle}`);
          await expect(page.getByRole('link', { name }).first()).toBeVisible();
          await expect(page.getByText(email)).toHaveCount(0);
          await looked('user');
        });

        await test.step('Settings are one click apart', async () => {
          for (const path of ['/settings', '/settings/security', '/settings/sessions', '/settings/tokens']) {
            await page.goto(path);
            await expect(page.locator('h1')).toHaveCount(1);
            await looked(path.slice(1).replace('/', '-'));
          }
          await page.goto('/settings');
          const form = page.getByRole('form', { name: 'Profile' });
          await form.getByLabel('Name', { exact: true }).fill('Somebody Else');
          await form.getByRole('button').first().click();
          await expect(done).toBeVisible();
          await page.goto(`/users/${handle}`);
          await expect(page.getByText('Somebody Else').first()).toBeVisible();
        });

        await test.step('After logging out, nothing of it is shown, and a forgotten password is no end', async () => {
          await page.goto('/settings');
          await page.getByRole('button', { name: 'Log out' }).click();
          await expect(page).toHaveURL('/');
          await page.goto('/settings');
          await expect(page).toHaveURL(/\/login/);
          await page.getByRole('link', { name: 'Forgot the password?' }).click();
          await page.getByLabel('E-mail address').fill(email);
          await page.getByRole('main').getByRole('button').click();
          await expect(done).toContainText(email);
          await page.goto(await linkFor(page, email));
          await page.locator('#password').fill('four other good words');
          await page.getByRole('main').getByRole('button').click();
          await expect(done).toBeVisible();
          await looked('reset');
          await page.goto('/login');
          await page.getByLabel('Handle or e-mail address').fill(email);
          await page.getByLabel('Password').fill('four other good words');
          await page.getByRole('button', { name: 'Log in', exact: true }).click();
          await expect(page).toHaveURL('/settings');
        });
      });
    });
  }
}
