// Ways into an account and out of it: second factors, accounts elsewhere, workflows, and the end. All of it goes without scripts;
// passkeys, which do not, have a file of their own.

import type { Page } from '@playwright/test';
import { expect, test } from './helpers';
import {
  Authenticator, askForToken, letTimeGoBy, logOut, looker, makeToken, password, publish, register, showPassword, shownToken,
  whatWasDone, whatWasWrong,
} from './people';

/** Signs in at the provider as somebody. */
async function signIn(page: Page, provider: string, account: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(provider);
  await page.getByLabel('Account').fill(account);
  await page.getByRole('button', { name: 'Sign in at the provider' }).click();
}

const atExample = 'OpenID provider';
const atGithub = 'In the place of GitHub';

for (const [width, colorScheme] of [[1280, 'light'], [360, 'dark']] as const) {
  test.describe(`Without JavaScript, ${width} wide, ${colorScheme}`, () => {
    test.use({ javaScriptEnabled: false, colorScheme, viewport: { width, height: 800 }, otherHosts: [process.env.PROVIDER_URL!] });
    const place = `identity/no-javascript-${width}-`;

    test('Somebody adds an authenticator app, logs in with it, publishes, and loses it', async ({ page, request }) => {
      test.setTimeout(120_000);
      const handle = `factor-${width}`;
      const looked = looker(page, place, false);
      const secondFactor = page.getByRole('form', { name: 'Second factor' });
      const showCode = async (code: string) => {
        await expect(page).toHaveURL('/login/second-factor');
        await secondFactor.getByLabel('Code').fill(code);
        await secondFactor.getByRole('button', { name: 'Log in' }).click();
      };
      await register(page, handle);

      const app = await test.step('The app is added once it shows the right code', async () => {
        await showPassword(page, handle, '/settings/security');
        await expect(page).toHaveURL('/settings/security');
        await looked('security');
        await page.getByRole('link', { name: 'Add an authenticator app' }).click();
        await expect(page.getByRole('img', { name: 'QR code of the secret' })).toBeVisible();
        await looked('authenticator');
        const secret = await page.getByRole('group', { name: 'the secret' }).innerText();
        const form = page.getByRole('form', { name: 'Add the authenticator app' });
        const show = async (code: string) => {
          await form.getByLabel('Code').fill(code);
          await form.getByRole('button', { name: 'Add the app' }).click();
        };
        await show('000000');
        await expect(form.getByLabel('Code')).toHaveAttribute('aria-invalid', 'true');
        await expect(page.getByRole('group', { name: 'the secret' })).toHaveText(secret);
        await looked('authenticator-refused');
        const app = new Authenticator(secret);
        await show(app.code());
        await expect(page).toHaveURL('/settings/security/recovery-codes');
        await expect(whatWasDone(page)).toContainText('The authenticator app is added');
        await looked('recovery-codes-none');
        return app;
      });

      const codes = await test.step('Recovery codes are shown once, and count when one was typed in', async () => {
        await page.getByRole('button', { name: 'Make recovery codes' }).click();
        await expect(page.getByRole('group', { name: 'the recovery codes' })).toBeVisible();
        await looked('recovery-codes');
        await page.goto('/settings/security/recovery-codes');
        await expect(page.getByRole('group', { name: 'the recovery codes' })).toHaveCount(0);
        const form = page.getByRole('form', { name: 'Show that you have kept them' });
        await form.getByLabel('One of the codes').fill('aaaa-bbbb-cccc-dddd');
        await form.getByRole('button', { name: 'I have kept them' }).click();
        await expect(form.getByLabel('One of the codes')).toHaveAttribute('aria-invalid', 'true');
        await looked('recovery-codes-refused');
        await page.goto('/settings/security');
        await expect(page.getByText('they do not count yet')).toBeVisible();
        await looked('security-without-recovery-codes');
        await page.goto('/settings/security/recovery-codes');
        await page.getByRole('button', { name: 'Make new ones' }).click();
        const codes = (await page.getByRole('group', { name: 'the recovery codes' }).innerText()).trim().split(/\s+/);
        expect(codes).toHaveLength(10);
        await form.getByLabel('One of the codes').fill(codes[0]);
        await form.getByRole('button', { name: 'I have kept them' }).click();
        await expect(page).toHaveURL('/settings/security');
        await expect(page.getByText('9 left.')).toBeVisible();
        await looked('security-with-authenticator');
        return codes;
      });

      await test.step('Whoever logs in shows the password and a code, and comes to where they wanted to go', async () => {
        await logOut(page);
        await showPassword(page, handle, '/settings/tokens');
        await expect(page).toHaveURL('/login/second-factor');
        await looked('second-factor');
        await showCode('000000');
        await expect(secondFactor.getByLabel('Code')).toHaveAttribute('aria-invalid', 'true');
        await looked('second-factor-refused');
        await showCode(app.code());
        await expect(page).toHaveURL('/settings/tokens');
      });

      await test.step('A token publishes by the API', async () => {
        const name = `of_${handle.replaceAll('-', '_')}`;
        expect(await publish(request, await makeToken(page, 'From a program'), name)).toBe(201);
        await page.goto(`/packages/${name}`);
        await expect(page.getByText(`Published by ${handle}.`)).toBeVisible();
      });

      await test.step('Without the app, a recovery code logs in once', async () => {
        await logOut(page);
        await showPassword(page, handle);
        await showCode(codes[1]);
        await expect(page).toHaveURL('/settings');
        await page.goto('/settings/security');
        await expect(page.getByText('8 left.')).toBeVisible();
        await logOut(page);
        await showPassword(page, handle);
        await showCode(codes[1]);
        await expect(secondFactor).toContainText('wrong or was used already');
        await looked('recovery-code-again');
        await showCode(codes[2].toUpperCase().replaceAll('-', ' '));
        await expect(page).toHaveURL('/settings');
      });

      await test.step('The app is removed, and the password is enough again', async () => {
        await page.goto('/settings/security');
        await page.getByRole('form', { name: 'Remove the authenticator app' }).getByRole('button').click();
        await expect(whatWasDone(page)).toContainText('The authenticator app is removed');
        await looked('authenticator-removed');
        await logOut(page);
        await showPassword(page, handle);
        await expect(page).toHaveURL('/settings');
      });
    });

    test('Somebody comes from Example, links GitHub, and keeps a way in', async ({ page }) => {
      test.setTimeout(120_000);
      const name = `visitor-${width}`;
      const looked = looker(page, place, false);
      const logInWith = async (provider: string) => {
        await page.goto('/login');
        await page.getByRole('link', { name: `Log in with ${provider}` }).click();
      };

      await test.step('Whoever refuses there is told so', async () => {
        await page.goto('/login?next=/settings/tokens');
        await looked('login');
        await page.getByRole('link', { name: 'Log in with Example' }).click();
        await page.getByRole('button', { name: 'Refuse' }).click();
        await expect(whatWasWrong(page)).toContainText('Example did not let you in');
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log in');
        await looked('refused-at-example');
        // Where they wanted to go is not forgotten.
        await expect.soft(page.getByRole('link', { name: 'Log in with Example' })).toHaveAttribute('href', '/login/with/example?next=%2Fsettings%2Ftokens');
      });

      await test.step('A new person chooses a handle and is in', async () => {
        await page.goto('/login?next=/settings/tokens');
        await page.getByRole('link', { name: 'Log in with Example' }).click();
        await signIn(page, atExample, name);
        await expect(page).toHaveURL('/register/identity');
        const form = page.getByRole('form', { name: 'Choose a handle' });
        await expect(form.getByLabel('Handle')).toHaveValue(name);
        await expect(form).toContainText(`${name}@example.org`);
        await looked('choose-handle');
        await form.getByLabel('Handle').fill('two words');
        await form.getByRole('button', { name: 'Create the account' }).click();
        await expect(form.getByLabel('Handle')).toHaveAttribute('aria-invalid', 'true');
        await looked('choose-handle-refused');
        await form.getByLabel('Handle').fill(name);
        await form.getByRole('button', { name: 'Create the account' }).click();
        await expect(page).toHaveURL('/settings/tokens');
      });

      await test.step('The next time they are known', async () => {
        await logOut(page);
        await logInWith('Example');
        await expect(page).toHaveURL('/settings');
      });

      await test.step('Who they are is confirmed there, by nobody else', async () => {
        letTimeGoBy(name);
        await page.goto('/settings/confirm?next=/settings/tokens');
        await expect(page.getByRole('form', { name: 'Confirm with the password' })).toHaveCount(0);
        await looked('confirm-with-example');
        await page.getByRole('button', { name: 'Confirm with Example' }).click();
        await signIn(page, atExample, `${name}-other`);
        await expect(whatWasWrong(page)).toContainText(`not shown by ${name}-other at Example`);
        await looked('confirm-with-example-refused');
        await page.getByRole('button', { name: 'Confirm with Example' }).click();
        await signIn(page, atExample, name);
        await expect.soft(page).toHaveURL('/settings/tokens');
        letTimeGoBy(name);
        await page.goto('/settings/confirm?next=/settings/tokens');
        await page.getByRole('button', { name: 'Confirm with Example' }).click();
        await signIn(page, atExample, name);
        await expect(page).toHaveURL('/settings/tokens');
      });

      await test.step('What was typed before waits until they come back', async () => {
        letTimeGoBy(name);
        await askForToken(page, 'From a program');
        await looked('confirm-token-with-example');
        await page.getByRole('button', { name: 'Confirm with Example' }).click();
        await signIn(page, atExample, `${name}-other`);
        await expect(whatWasWrong(page)).toContainText('not shown by');
        // It still waits, for another try.
        await expect.soft(page.locator('input[name="held_path"]')).toHaveValue('/settings/tokens');
        await askForToken(page, 'From a program');
        await page.getByRole('button', { name: 'Confirm with Example' }).click();
        await signIn(page, atExample, name);
        await expect(whatWasDone(page)).toContainText('You have confirmed that it is you');
        await looked('confirmed-with-example');
        await page.getByRole('button', { name: 'Go on' }).click();
        await shownToken(page);
        await expect(page.getByText('From a program', { exact: true })).toBeVisible();
      });

      await test.step('GitHub is linked, unless that is refused there', async () => {
        await page.goto('/settings/security');
        await expect(page.getByText('You have none: you log in another way.')).toBeVisible();
        await looked('security-without-password');
        await page.getByRole('button', { name: 'Link an account at GitHub' }).click();
        await page.getByRole('button', { name: 'Refuse' }).click();
        await expect(whatWasWrong(page)).toContainText('GitHub did not let you in');
        await looked('refused-at-github');
        await page.goto('/settings/security');
        await page.getByRole('button', { name: 'Link an account at GitHub' }).click();
        await signIn(page, atGithub, name);
        await expect(page).toHaveURL('/settings/security');
        await expect(whatWasDone(page)).toContainText(`Your account is linked to ${name} at GitHub`);
        await looked('linked');
        await logOut(page);
        await logInWith('GitHub');
        await signIn(page, atGithub, name);
        await expect(page).toHaveURL('/settings');
      });

      await test.step('All but the last way in are unlinked', async () => {
        await page.goto('/settings/security');
        await page.getByRole('button', { name: `Unlink ${name} at Example` }).click();
        // Being logged in there has not shown that it is not only their browser.
        await page.getByRole('button', { name: 'Confirm with GitHub' }).click();
        await signIn(page, atGithub, name);
        await page.getByRole('button', { name: 'Go on' }).click();
        await expect(whatWasDone(page)).toContainText('The account is unlinked');
        await expect(page.getByRole('button', { name: `Unlink ${name} at Example` })).toHaveCount(0);
        await page.getByRole('button', { name: `Unlink ${name} at GitHub` }).click();
        await expect(whatWasWrong(page)).toContainText('This is the only way in that is left');
        await expect(page.getByRole('button', { name: `Unlink ${name} at GitHub` })).toBeVisible();
        await looked('last-way-in');
      });

      await test.step('Example knows nobody here any more, and takes over no account', async () => {
        await logOut(page);
        await logInWith('Example');
        await expect(page).toHaveURL('/register/identity');
        const form = page.getByRole('form', { name: 'Choose a handle' });
        await form.getByLabel('Handle').fill(`${name}-again`);
        await form.getByRole('button', { name: 'Create the account' }).click();
        await expect(whatWasWrong(page)).toContainText(`There is an account with the address ${name}@example.org`);
        await looked('address-taken');
      });
    });

    test('Somebody without a verified address elsewhere is told what to do', async ({ page }) => {
      const looked = looker(page, place, false);
      await page.goto('/login/with/example');
      await signIn(page, atExample, `unverified-${width}`);
      await expect(page.getByText('Example vouches for no e-mail address of yours.')).toBeVisible();
      await looked('no-address');
      await page.getByRole('main').getByRole('link', { name: 'Register' }).click();
      await expect(page).toHaveURL('/register');
    });

    test('Somebody confirms who they are, trusts a workflow, and deletes the account', async ({ page, request }) => {
      test.setTimeout(120_000);
      const handle = `leaver-${width}`;
      const name = `of_${handle.replaceAll('-', '_')}`;
      const looked = looker(page, place, false);
      await register(page, handle);

      const confirmation = page.getByRole('form', { name: 'Confirm with the password' });
      const confirm = async (text: string) => {
        await confirmation.getByLabel('Your password').fill(text);
        await confirmation.getByRole('button', { name: 'Confirm' }).click();
      };

      await test.step('The password confirms who it is, and leads on', async () => {
        await showPassword(page, handle);
        await page.goto('/settings/confirm?next=/settings/tokens');
        await looked('confirm');
        // Also while nobody would be asked.
        await confirm('not the right one');
        await expect.soft(confirmation.getByLabel('Your password')).toHaveAttribute('aria-invalid', 'true');
        letTimeGoBy(handle);
        await page.goto('/settings/confirm?next=/settings/tokens');
        await confirm('not the right one');
        await expect(confirmation.getByLabel('Your password')).toHaveAttribute('aria-invalid', 'true');
        await looked('confirm-refused');
        await confirm(password);
        await expect(page).toHaveURL('/settings/tokens');
      });

      const token = await test.step('Making a token asks for it after a while, and goes on with what was typed', async () => {
        letTimeGoBy(handle);
        await askForToken(page, 'From a program');
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Confirm that it is you');
        await looked('confirm-token');
        await confirm('not the right one');
        await expect(confirmation.getByLabel('Your password')).toHaveAttribute('aria-invalid', 'true');
        await confirm(password);
        const token = await shownToken(page);
        await expect(page.getByText('From a program', { exact: true })).toBeVisible();
        return token;
      });

      await test.step('A workflow is trusted for a package that is still to come, and removed', async () => {
        await page.goto('/settings/publishing');
        await looked('publishing-none');
        const form = page.getByRole('form', { name: 'Trust a workflow' });
        await form.getByLabel('Package').fill(name);
        await form.getByLabel('Service').selectOption({ label: 'GitHub Actions at github.com' });
        await form.getByLabel('Repository').fill('https://github.com/sheep/counter');
        await form.getByLabel('Workflow').fill('release.yml');
        await form.getByRole('button', { name: 'Trust the workflow' }).click();
        await expect(form.getByLabel('Repository')).toHaveAttribute('aria-invalid', 'true');
        await expect(form.getByLabel('Package')).toHaveValue(name);
        await looked('publishing-refused');
        await form.getByLabel('Repository').fill('sheep/counter');
        await form.getByRole('button', { name: 'Trust the workflow' }).click();
        await expect(whatWasDone(page)).toContainText(`The workflow may publish ${name}`);
        await expect(page.getByText('still to come', { exact: true })).toBeVisible();
        await looked('publishing');
        await expect(page.getByRole('group', { name: 'the workflow for the source' })).toBeHidden();
        await page.getByText('What to put into the repository', { exact: true }).click();
        const file = page.getByRole('group', { name: 'the workflow for the source' });
        await expect(file).toContainText(`/api/v1/packages/${name}/$version`);
        await expect(file).toContainText('id-token: write');
        await expect(page.getByRole('group', { name: 'the workflow for a binary' })).toContainText(`trunk publish ${name}`);
        await looked('publishing-file');
        await page.getByRole('button', { name: `Remove release.yml of sheep/counter for ${name}` }).click();
        await expect(whatWasDone(page)).toContainText('The workflow is no longer trusted');
        await expect(page.getByText('sheep/counter')).toHaveCount(0);
      });

      await test.step('A package that is there can be left to its workflows alone', async () => {
        expect(await publish(request, token, name)).toBe(201);
        await page.goto('/settings/publishing');
        const form = page.getByRole('form', { name: 'Trust a workflow' });
        await form.getByLabel('Package').fill(name);
        await form.getByLabel('Service').selectOption({ label: 'GitLab CI/CD at gitlab.com' });
        await form.getByLabel('Repository').fill('sheep/of/the/hills/counter');
        await form.getByLabel('Workflow').fill('.gitlab-ci.yml');
        await form.getByLabel('Environment').fill('release');
        await form.getByRole('button', { name: 'Trust the workflow' }).click();
        await expect(whatWasDone(page)).toContainText(`The workflow may publish ${name}`);
        await page.getByRole('button', { name: `Only by workflows: ${name}` }).click();
        await expect(whatWasDone(page)).toContainText(`From now on ${name} is published by its workflows only`);
        await page.getByText('What to put into the repository', { exact: true }).click();
        await looked('publishing-only');
      });

      await test.step('What deleting does is shown, and the handle has to be typed', async () => {
        await page.goto('/settings/security');
        await page.getByRole('main').getByRole('link', { name: 'Delete the account' }).click();
        await expect(page).toHaveURL('/settings/delete');
        await expect(page.getByText('1 token stops working at once.')).toBeVisible();
        await expect(page.getByText('1 release of yours stays')).toBeVisible();
        await expect(page.getByRole('main').getByRole('link', { name })).toBeVisible();
        await looked('delete');
        const form = page.getByRole('form', { name: 'Delete the account' });
        await form.getByLabel('Your handle').fill('somebody');
        await form.getByRole('button').click();
        await expect(form.getByLabel('Your handle')).toHaveAttribute('aria-invalid', 'true');
        await looked('delete-refused');
        await form.getByLabel('Your handle').fill(handle);
        await form.getByRole('button').click();
        await expect(page).toHaveURL('/account-deleted');
        await looked('deleted');
      });

      await test.step('Nobody is there any more, but the package is', async () => {
        await showPassword(page, handle);
        await expect(whatWasWrong(page)).toContainText('do not belong together');
        expect((await page.goto(`/users/${handle}`))?.status()).toBe(404);
        expect(await publish(request, token, `${name}_2`)).toBe(401);
        expect((await page.goto(`/packages/${name}`))?.status()).toBe(200);
        await expect(page.getByText('Published by somebody whose account is no more.')).toBeVisible();
        await looked('package-without-owner');
      });
    });
  });
}
