// Passkeys: a way into an account that needs scripts.

import type { Page } from '@playwright/test';
import { expect, test } from './helpers';
import { askForToken, letTimeGoBy, logOut, looker, register, showPassword, shownToken, whatWasDone, whatWasWrong } from './people';

/** A device that keeps passkeys and lets its owner use them without asking. */
async function addDevice(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Makes recovery codes on their page and types the first of them in. */
async function keepRecoveryCodes(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Make recovery codes' }).click();
  const codes = (await page.getByRole('group', { name: 'the recovery codes' }).innerText()).trim().split(/\s+/);
  expect(codes).toHaveLength(10);
  const form = page.getByRole('form', { name: 'Show that you have kept them' });
  await form.getByLabel('One of the codes').fill(codes[0]);
  await form.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page).toHaveURL('/settings/security');
  await expect(whatWasDone(page)).toContainText('You have kept your recovery codes');
}

for (const [width, colorScheme] of [[1280, 'light'], [360, 'dark']] as const) {
  test.describe(`With JavaScript, ${width} wide, ${colorScheme}`, () => {
    test.use({ javaScriptEnabled: true, colorScheme, viewport: { width, height: 800 } });

    test('Somebody adds a passkey, logs in with it, alone and after the password, and removes it', async ({ page }) => {
      test.setTimeout(120_000);
      const handle = `passkey-${width}`;
      const looked = looker(page, `identity/javascript-${width}-`, true);
      await addDevice(page);
      await register(page, handle);
      await showPassword(page, handle, '/settings/security');

      await test.step('It is added, and recovery codes are asked for', async () => {
        await looked('security');
        const form = page.getByRole('form', { name: 'Add a passkey' });
        await form.getByLabel('Name of the passkey').fill('My laptop');
        await form.getByRole('button', { name: 'Add a passkey' }).click();
        await expect(page).toHaveURL('/settings/security/recovery-codes');
        await expect(whatWasDone(page)).toContainText('The passkey is added');
        await looked('recovery-codes-none');
        await keepRecoveryCodes(page);
        await expect(page.getByText('My laptop', { exact: true })).toBeVisible();
        await looked('security-with-passkey');
      });

      await test.step('The same device is not taken twice', async () => {
        const form = page.getByRole('form', { name: 'Add a passkey' });
        await form.getByLabel('Name of the passkey').fill('My laptop once more');
        await form.getByRole('button', { name: 'Add a passkey' }).click();
        await expect(form.getByRole('alert')).toHaveText('This device has a passkey for this account already.');
        await looked('passkey-twice');
      });

      await test.step('Alone it logs in', async () => {
        await logOut(page);
        await page.goto('/login?next=/settings/tokens');
        await looked('login');
        await page.getByRole('button', { name: 'Log in with a passkey' }).click();
        await expect(page).toHaveURL('/settings/tokens');
      });

      await test.step('After the password it logs in too', async () => {
        await logOut(page);
        await showPassword(page, handle);
        await expect(page).toHaveURL('/login/second-factor');
        await looked('second-factor');
        await page.getByRole('button', { name: 'Use a passkey' }).click();
        await expect(page).toHaveURL('/settings');
      });

      await test.step('It confirms who somebody is', async () => {
        letTimeGoBy(handle);
        await page.goto('/settings/confirm?next=/settings/tokens');
        await looked('confirm');
        await page.getByRole('button', { name: 'Use a passkey' }).click();
        await expect(page).toHaveURL('/settings/tokens');
        letTimeGoBy(handle);
        await askForToken(page, 'From a program');
        await page.getByRole('button', { name: 'Use a passkey' }).click();
        await shownToken(page);
      });

      await test.step('Making another one asks first, and comes back', async () => {
        letTimeGoBy(handle);
        await page.goto('/settings/security');
        const form = page.getByRole('form', { name: 'Add a passkey' });
        await form.getByLabel('Name of the passkey').fill('Another one');
        await form.getByRole('button', { name: 'Add a passkey' }).click();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Confirm that it is you');
        await page.getByRole('button', { name: 'Use a passkey' }).click();
        await expect(page).toHaveURL('/settings/security');
      });

      await test.step('Removed, it is good for nothing', async () => {
        await page.goto('/settings/security');
        await page.getByRole('button', { name: 'Remove My laptop' }).click();
        await expect(whatWasDone(page)).toContainText('The passkey is removed');
        await expect(page.getByText('My laptop', { exact: true })).toHaveCount(0);
        await logOut(page);
        await page.goto('/login');
        await page.getByRole('button', { name: 'Log in with a passkey' }).click();
        await expect(whatWasWrong(page)).toContainText('That passkey is not known here');
        await looked('passkey-unknown');
        await showPassword(page, handle);
        await expect(page).toHaveURL('/settings');
      });
    });
  });
}
