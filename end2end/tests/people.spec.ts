// Who looks after packages: roles, invitations and organisations, and what owners say and do about a package. All of it goes
// without scripts.

import { expect, test, watch } from './helpers';
import {
  choosePassword, createAccount, letTimeGoBy, looker, makeToken, password, publish, showPassword, whatWasDone, whatWasWrong,
} from './people';

for (const [width, colorScheme] of [[1280, 'light'], [360, 'dark']] as const) {
  test.describe(`Without JavaScript, ${width} wide, ${colorScheme}`, () => {
    const viewport = { width, height: 800 };
    test.use({ javaScriptEnabled: false, colorScheme, viewport });

    test('A package is looked after by two, described, and given to an organisation', async ({ page: ada, browser, request, baseURL }) => {
      test.setTimeout(180_000);
      const context = await browser.newContext({ baseURL, javaScriptEnabled: false, colorScheme, viewport });
      const bob = await context.newPage();
      const wrongForBob = await watch(bob, baseURL!, false);
      const [adasHandle, bobsHandle, acme, name] = [`ada-${width}`, `bob-${width}`, `acme-${width}`, `sheep_of_two_${width}`];
      const settings = `/settings/packages/${name}`;
      const place = `people/no-javascript-${width}-`;
      const [adaLooked, bobLooked] = [looker(ada, place, false), looker(bob, place, false)];
      const lookedAfterBy = ada.getByRole('region', { name: 'Looked after by' }).getByRole('listitem');

      await test.step('Two people log in, and one of them publishes', async () => {
        for (const [page, handle] of [[ada, adasHandle], [bob, bobsHandle]] as const) {
          createAccount(handle);
          await choosePassword(page, handle);
          await showPassword(page, handle);
          await expect(page).toHaveURL('/settings');
        }
        expect(await publish(request, await makeToken(ada, 'From a program'), name)).toBe(201);
        await ada.goto(`/packages/${name}`);
        await expect(lookedAfterBy).toHaveText([`${adasHandle}, owner`]);
      });

      await test.step('Whoever looks after nothing is told so, and sees no settings of others', async () => {
        for (const [path, words] of [
          ['packages', 'None yet. What you publish first under a name is yours'],
          ['organisations', 'None yet.'],
          ['invitations', 'Nobody waits for an answer of yours.'],
        ]) {
          await bob.goto(`/settings/${path}`);
          await expect(bob.getByRole('main')).toContainText(words);
          await bobLooked(`${path}-none`);
        }
        for (const part of ['', '/description', '/releases', '/availability']) {
          expect((await bob.goto(settings + part))?.status(), part).toBe(404);
        }
      });

      await test.step('An owner invites somebody; who is nobody here is named', async () => {
        await ada.goto('/settings/packages');
        await adaLooked('packages');
        await ada.getByRole('main').getByRole('link', { name }).click();
        await expect(ada).toHaveURL(settings);
        await adaLooked('package-one-owner');
        const form = ada.getByRole('form', { name: 'Invite somebody' });
        const invitee = form.getByLabel('Handle or e-mail address');
        await invitee.fill(`nobody-${width}`);
        await form.getByLabel('Role').selectOption('owner');
        await form.getByRole('button', { name: 'Send the invitation' }).click();
        await expect(invitee).toHaveAttribute('aria-invalid', 'true');
        await expect(invitee).toHaveAccessibleDescription(new RegExp(`^There is no account or organisation nobody-${width}\\.`));
        await expect(invitee).toHaveValue(`nobody-${width}`);
        await expect(form.getByLabel('Role')).toHaveValue('owner');
        await adaLooked('invite-refused');
        await invitee.fill(bobsHandle);
        await form.getByLabel('Role').selectOption('maintainer');
        await form.getByRole('button', { name: 'Send the invitation' }).click();
        await expect.soft(whatWasDone(ada)).toContainText(bobsHandle);
        const waiting = ada.getByRole('region', { name: 'Invitations that wait for an answer' });
        await expect(waiting.getByRole('listitem')).toContainText(`${bobsHandle} as maintainer`);
        await adaLooked('invited');
      });

      await test.step('A withdrawn invitation cannot be accepted any more', async () => {
        await bob.goto('/settings/invitations');
        await ada.getByRole('button', { name: `Withdraw the invitation of ${bobsHandle}` }).click();
        await expect(whatWasDone(ada)).toContainText('The invitation is withdrawn');
        await bob.getByRole('button', { name: `Accept the invitation to ${name}` }).click();
        await expect(whatWasWrong(bob)).toContainText('was withdrawn or answered');
        await bobLooked('invitation-withdrawn');
        const form = ada.getByRole('form', { name: 'Invite somebody' });
        await form.getByLabel('Handle or e-mail address').fill(`${bobsHandle}@example.org`);
        await form.getByRole('button', { name: 'Send the invitation' }).click();
        await expect.soft(whatWasDone(ada)).toContainText(`${bobsHandle}@example.org`);
      });

      await test.step('Who was invited accepts, and looks after the package as everybody sees', async () => {
        await bob.goto('/settings/invitations');
        await expect(bob.getByRole('main')).toContainText(`${adasHandle} asks you to be a maintainer of the package ${name}.`);
        await bobLooked('invitations');
        await bob.getByRole('button', { name: `Accept the invitation to ${name}` }).click();
        await expect(whatWasDone(bob)).toContainText(`From now on you look after ${name}`);
        await bobLooked('invitation-accepted');
        await ada.goto(`/packages/${name}`);
        await expect(lookedAfterBy).toHaveText([`${adasHandle}, owner`, `${bobsHandle}, maintainer`]);
        await ada.goto(settings);
        await expect(ada.getByRole('region', { name: 'Who looks after it' }).getByRole('listitem')).toHaveCount(2);
        await adaLooked('package-two-people');
      });

      const token = await test.step('A maintainer publishes the next version, and decides nothing else', async () => {
        const token = await makeToken(bob, 'From a program');
        expect(await publish(request, token, name, '1.1.0')).toBe(201);
        await bob.goto(`/packages/${name}`);
        await expect(bob.getByText(`Published by ${bobsHandle}.`)).toBeVisible();
        await bobLooked('package-page-two-people');
        await bob.goto('/settings/packages');
        await bob.getByRole('main').getByRole('link', { name }).click();
        await expect(bob.getByText('Owners change who looks after it.')).toBeVisible();
        await expect(bob.getByRole('form', { name: 'Invite somebody' })).toHaveCount(0);
        await bobLooked('package-of-maintainer');
        for (const [part, words] of [['description', 'Owners change what is said of it.'], ['availability', 'Owners decide whether it is archived']]) {
          await bob.goto(`${settings}/${part}`);
          await expect(bob.getByText(words)).toBeVisible();
          await bobLooked(`${part}-of-maintainer`);
        }
        return token;
      });

      await test.step('A release is yanked with a reason, and that is taken back', async () => {
        await bob.goto(`${settings}/releases`);
        await bobLooked('releases');
        const form = bob.getByRole('form', { name: 'Yank a release' });
        await form.getByLabel('Version').selectOption('1.1.0');
        await form.getByLabel('Reason').fill(' ');
        await form.getByRole('button', { name: 'Yank the release' }).click();
        await expect(form.getByLabel('Reason')).toHaveAttribute('aria-invalid', 'true');
        await expect(form.getByLabel('Version')).toHaveValue('1.1.0');
        await bobLooked('yank-refused');
        await form.getByLabel('Reason').fill('It counts every other sheep twice');
        await form.getByRole('button', { name: 'Yank the release' }).click();
        await expect(whatWasDone(bob)).toContainText('Version 1.1.0 is yanked');
        await expect(form.getByLabel('Version').getByRole('option')).toHaveText(['1.0.0']);
        const release = bob.getByRole('region', { name: 'Releases' }).getByRole('listitem').filter({ hasText: '1.1.0' });
        await release.locator('summary').click();
        await expect(release.getByText('Its files are gone for ever')).toBeVisible();
        await bobLooked('yanked');
        await ada.goto(`/packages/${name}/1.1.0`);
        const note = ada.getByRole('note').filter({ hasText: 'This release was yanked' });
        await expect(note).toContainText('It counts every other sheep twice');
        await adaLooked('package-page-yanked');
        await release.getByText('Unyank', { exact: true }).click();
        await expect(whatWasDone(bob)).toContainText('Version 1.1.0 is no longer yanked');
        await ada.goto(`/packages/${name}/1.1.0`);
        await expect(note).toHaveCount(0);
      });

      await test.step('What is said of it is changed; what is wrong stands below its field', async () => {
        await ada.goto(`${settings}/description`);
        await adaLooked('description');
        const form = ada.getByRole('form', { name: 'Description' });
        const homepage = form.getByLabel('Home page');
        const kept = async () => {
          await expect(form.getByLabel('What it is for')).toHaveValue('Counts <sheep> & lambs');
          await expect(form.getByLabel('Category', { exact: true })).toHaveValue('search');
          await expect(form.getByLabel('Second category')).toHaveValue('analytics');
          await expect(form.getByLabel('Third category')).toHaveValue('');
          await expect(form.getByLabel('Repository')).toHaveValue('https://example.org/sheep');
        };
        await form.getByLabel('What it is for').fill('Counts <sheep> & lambs');
        await form.getByLabel('Category', { exact: true }).selectOption('search');
        await form.getByLabel('Second category').selectOption('analytics');
        await form.getByLabel('Tags').fill('Sheep, full text');
        await form.getByLabel('Repository').fill('https://example.org/sheep');
        await homepage.fill('ftp://example.org/sheep');
        await form.getByRole('button', { name: 'Save' }).click();
        await expect(homepage).toHaveAttribute('aria-invalid', 'true');
        await expect(homepage).toHaveAccessibleDescription(/^An address begins with https:\/\/ or http:\/\//);
        await expect(homepage).toHaveValue('ftp://example.org/sheep');
        await kept();
        await expect(form.getByLabel('Tags')).toHaveValue('Sheep, full text');
        await adaLooked('description-refused');
        // Whoever was away for a while is asked who they are, and nothing of what was typed is lost.
        letTimeGoBy(adasHandle);
        await homepage.fill('https://example.org/');
        await form.getByRole('button', { name: 'Save' }).click();
        const confirmation = ada.getByRole('form', { name: 'Confirm with the password' });
        await confirmation.getByLabel('Your password').fill(password);
        await confirmation.getByRole('button', { name: 'Confirm' }).click();
        await expect(whatWasDone(ada)).toContainText('What is said of the package is changed');
        await kept();
        await adaLooked('description-changed');
        await ada.goto(`/packages/${name}`);
        await expect(ada.getByText('Counts <sheep> & lambs', { exact: true }).first()).toBeVisible();
        const labels = ada.getByRole('region', { name: 'Categories and tags' });
        await expect(labels.getByRole('link')).toHaveCount(4);
        await expect(labels.getByRole('link', { name: 'full text' })).toBeVisible();
        const links = ada.getByRole('region', { name: 'Links' });
        await expect(links.getByRole('link', { name: 'Repository' })).toHaveAttribute('href', 'https://example.org/sheep');
        await expect(links.getByRole('link', { name: 'Home page' })).toHaveAttribute('href', 'https://example.org/');
        await adaLooked('package-page-described');
      });

      await test.step('It is deprecated for another one, archived, and hidden', async () => {
        await ada.goto(`${settings}/availability`);
        await adaLooked('availability');
        const form = ada.getByRole('form', { name: 'Deprecate' });
        const successor = form.getByLabel('Package to use instead');
        await successor.fill('no_such_sheep');
        await form.getByLabel('Reason').fill('It counts faster');
        await form.getByRole('button', { name: 'Deprecate the package' }).click();
        await expect(successor).toHaveAttribute('aria-invalid', 'true');
        await expect(form.getByLabel('Reason')).toHaveValue('It counts faster');
        await adaLooked('deprecate-refused');
        await successor.fill('hstore');
        await form.getByRole('button', { name: 'Deprecate the package' }).click();
        await expect(whatWasDone(ada)).toContainText('The package is deprecated');
        await adaLooked('deprecated');
        await bob.goto(`/packages/${name}`);
        const note = bob.getByRole('note').filter({ hasText: 'This package is deprecated. Use hstore instead.' });
        await expect(note).toContainText('It counts faster');
        await expect(note.getByRole('link', { name: 'hstore' })).toHaveAttribute('href', '/packages/hstore');
        await bobLooked('package-page-deprecated');

        await ada.getByRole('button', { name: 'Archive the package' }).click();
        await expect(whatWasDone(ada)).toContainText('The package is archived');
        expect(await publish(request, token, name, '1.2.0'), 'nobody publishes').toBe(403);
        await ada.getByRole('button', { name: 'Show it only to its members' }).click();
        await expect(whatWasDone(ada)).toContainText('Only those who look after the package see it now');
        await adaLooked('archived-and-hidden');
        expect((await request.get(`/packages/${name}`)).status(), 'for a stranger').toBe(404);
        for (const path of [`/users/${adasHandle}`, `/users/${bobsHandle}`, `/api/v1/search?q=${name}`]) {
          expect(await (await request.get(path)).text(), `what a stranger finds at ${path}`).not.toContain(name);
        }
        expect((await bob.goto(`/packages/${name}`))?.status(), 'for a maintainer').toBe(200);
        await expect(bob.getByRole('note')).toContainText(['deprecated', 'archived', 'Only those who look after this package see it.']);
        await bobLooked('package-page-archived-and-hidden');

        for (const button of ['Show it to everybody', 'Take it out of the archive', 'It is not deprecated']) {
          await ada.getByRole('button', { name: button }).click();
          await expect(whatWasDone(ada)).toBeVisible();
          await expect(ada.getByRole('button', { name: button })).toHaveCount(0);
        }
        await bob.goto(`/packages/${name}`);
        await expect(bob.getByRole('note')).toHaveCount(0);

        const end = ada.getByRole('form', { name: 'Delete the package' });
        await end.getByLabel('Its name').fill('sheep');
        await end.getByRole('button', { name: `Delete ${name} for ever` }).click();
        await expect(end.getByLabel('Its name')).toHaveAttribute('aria-invalid', 'true');
        await adaLooked('delete-refused');
      });

      await test.step('An organisation is made, and says what it is', async () => {
        await ada.goto('/settings/organisations');
        const form = ada.getByRole('form', { name: 'Make an organisation' });
        await form.getByLabel('Handle').fill(bobsHandle);
        await form.getByLabel('Name', { exact: true }).fill('Acme Shepherds');
        await form.getByRole('button', { name: 'Make the organisation' }).click();
        await expect(form.getByLabel('Handle')).toHaveAttribute('aria-invalid', 'true');
        await expect(form.getByLabel('Name', { exact: true })).toHaveValue('Acme Shepherds');
        await adaLooked('organisation-refused');
        await form.getByLabel('Handle').fill(acme);
        await form.getByRole('button', { name: 'Make the organisation' }).click();
        await expect(ada).toHaveURL(`/settings/organisations/${acme}`);
        await adaLooked('organisation');
        await ada.getByRole('navigation', { name: 'Settings of the organisation' }).getByRole('link', { name: 'Profile' }).click();
        const profile = ada.getByRole('form', { name: 'Profile of the organisation' });
        await expect(profile.getByLabel('Name', { exact: true })).toHaveValue('Acme Shepherds');
        await profile.getByLabel('What it is').fill('We count sheep in three valleys.');
        await profile.getByLabel('Website').fill('https://example.org/acme');
        await profile.getByRole('button', { name: 'Save' }).click();
        await expect(whatWasDone(ada)).toContainText('What the organisation says of itself is changed');
        await adaLooked('organisation-profile');
      });

      await test.step('The package is given to it, and stays in the hands of its owner', async () => {
        await ada.goto(settings);
        const form = ada.getByRole('form', { name: 'Give it to somebody else' });
        await expect(form).toContainText('An organisation that you own takes it at once.');
        await form.getByLabel('New owner').fill('nobody at all');
        await form.getByLabel('I leave it when they accept').check();
        await form.getByRole('button', { name: 'Give it to them' }).click();
        await expect(form.getByLabel('New owner')).toHaveAttribute('aria-invalid', 'true');
        await expect.soft(form.getByLabel('New owner')).toHaveAccessibleDescription(/Type a handle, or an e-mail address\./);
        await adaLooked('give-refused');
        await form.getByLabel('New owner').fill(acme);
        await form.getByLabel('I leave it when they accept').check();
        await form.getByRole('button', { name: 'Give it to them' }).click();
        await expect.soft(whatWasDone(ada)).toContainText(acme);
        await adaLooked('package-of-organisation');
        await ada.goto('/settings/packages');
        await expect(ada.getByRole('main').getByRole('listitem').filter({ hasText: name })).toContainText(`owner, through ${acme}`);
        await adaLooked('packages-through-organisation');
        await ada.goto('/settings/organisations');
        await adaLooked('organisations');
        await ada.goto(`/packages/${name}`);
        await expect(lookedAfterBy).toHaveText([`${acme}, owner (organisation)`, `${bobsHandle}, maintainer`]);
        await adaLooked('package-page-of-organisation');
        await ada.getByRole('link', { name: acme }).click();
        await expect(ada).toHaveURL(`/users/${acme}`);
        await expect(ada.getByRole('heading', { level: 1 })).toHaveText(`Acme Shepherds ${acme}`);
        await expect(ada.getByRole('region', { name: 'Packages' }).getByRole('link')).toHaveText([name]);
        await expect(ada.getByRole('region', { name: 'Members' }).getByRole('listitem')).toHaveText([`${adasHandle}owner`]);
        await adaLooked('organisation-page');
      });

      await test.step('Somebody declines to be a member', async () => {
        await ada.goto(`/settings/organisations/${acme}`);
        const form = ada.getByRole('form', { name: 'Invite somebody' });
        await form.getByLabel('Handle or e-mail address').fill(bobsHandle);
        await form.getByRole('button', { name: 'Send the invitation' }).click();
        await expect.soft(whatWasDone(ada)).toContainText(bobsHandle);
        await adaLooked('organisation-invited');
        await bob.goto('/settings/invitations');
        await expect(bob.getByRole('main')).toContainText(`${adasHandle} asks you to be a member of the organisation ${acme}.`);
        await bobLooked('invitation-to-organisation');
        await bob.getByRole('button', { name: `Decline the invitation to ${acme}` }).click();
        await expect(whatWasDone(bob)).toContainText(`The invitation to ${acme} is declined`);
        await ada.goto(`/users/${acme}`);
        await expect(ada.getByRole('region', { name: 'Members' }).getByRole('listitem')).toHaveCount(1);
      });

      await test.step('Whoever leaves has no role any more', async () => {
        await bob.goto(settings);
        await bob.getByRole('button', { name: `Leave ${name}` }).click();
        await expect(bob).toHaveURL('/settings/packages');
        await expect(bob.getByRole('main').getByRole('link', { name })).toHaveCount(0);
        await bobLooked('left');
        expect(await publish(request, token, name, '1.2.0')).toBe(403);
        await ada.goto(`/packages/${name}`);
        await expect(lookedAfterBy).toHaveText([`${acme}, owner (organisation)`]);
        for (const [page, handle] of [[ada, adasHandle], [bob, bobsHandle]] as const) {
          await page.goto(`/users/${handle}`);
          await expect(page.getByRole('region', { name: 'Activity' }).getByRole('link', { name }).first()).toBeVisible();
        }
        await adaLooked('user');
      });

      expect(wrongForBob, 'what went wrong in the page of the other').toEqual([]);
      await context.close();
    });
  });
}
