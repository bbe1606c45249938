import { readFile } from 'node:fs/promises';
import { expect, packageOf, sha256, test } from './helpers';

test('Somebody finds an extension', async ({ page, request }) => {
  const facts = await packageOf(request, 'pg_trgm');
  const { current } = facts;
  const artifact = current.artifacts[0];

  await test.step('On the home page they choose a category by its tile', async () => {
    await page.goto('/');
    const link = page.getByRole('link', { name: /^Search\b/ });
    // All of the tile takes the pointer, not only the words of the link.
    await page.getByRole('listitem').filter({ has: link }).click({ position: { x: 6, y: 6 } });
    await expect(page).toHaveURL('/categories/search');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Search');
  });

  await test.step('There they choose a package by its row', async () => {
    const link = page.getByRole('link', { name: facts.name, exact: true });
    const row = page.getByRole('main').getByRole('listitem').filter({ has: link });
    await expect(row).toContainText(facts.summary);
    // All of the row takes the pointer: the link covers its words, too.
    await row.getByText(facts.summary).click({ force: true });
    await expect(page).toHaveURL(`/packages/${facts.name}`);
    await expect(page.getByRole('heading', { level: 1, name: `${facts.name} ${current.version}`, exact: true })).toBeVisible();
    await expect(page).toHaveTitle(`${facts.name} · pginstall`);
  });

  await test.step('They read what it is for and what it does to the server', async () => {
    const main = page.getByRole('main');
    await expect(main).toContainText(facts.summary);
    const fact = (name: string) => main.locator(`dl > div:has(> dt:text-is("${name}")) > dd`);
    for (const { postgres } of current.artifacts) await expect(fact('PostgreSQL')).toContainText(String(postgres));
    await expect(fact('Platforms')).not.toBeEmpty();
    await expect(fact('Restart')).toHaveText(current.modules.some((module) => module.restart_on_install) ? 'Required' : 'Not needed');
    await expect(fact('Library')).toHaveText('Loaded on demand');
    await expect(fact('Trusted')).toHaveText(current.extensions.every((extension) => extension.trusted) ? 'Yes' : 'No');
    await expect(fact('Licence')).toHaveText(current.licence ?? 'not declared');
    const effects = main.getByRole('region', { name: 'What this does to your server' });
    await expect(effects).toContainText('No restart.');
    const install = main.getByRole('region', { name: 'Install' });
    await expect(install).toContainText(`CREATE EXTENSION ${facts.name};`);
  });

  await test.step('They download the file, and it is the one that the page promises', async () => {
    const files = page.getByRole('region', { name: 'Files' });
    await page.getByRole('link', { name: 'Put the files in place' }).click();
    await expect(files).toBeInViewport();
    const link = page.getByRole('link', { name: artifact.file_name, exact: true });
    const row = files.getByRole('listitem').filter({ has: link });
    const shown = (await row.locator('code').innerText()).trim();
    expect(shown).toMatch(/^[0-9a-f]{64}$/);
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe(artifact.file_name);
    const content = await readFile(await download.path());
    expect(content.byteLength).toBe(artifact.size);
    expect(sha256(content)).toBe(shown);
    expect(shown).toBe(artifact.sha256);
    await expect(files).toContainText(`echo ${shown}  ${artifact.file_name} | sha256sum -c`);
  });

  await test.step('They look at its versions', async () => {
    const versions = page.getByRole('region', { name: 'Versions' });
    await expect(versions.getByRole('link')).toHaveText(facts.releases.map((release) => release.version));
    const link = versions.getByRole('link', { name: current.version, exact: true });
    await expect(link).toHaveAttribute('aria-current', 'true');
    await link.click();
    await expect(page).toHaveURL(`/packages/${facts.name}/${current.version}`);
    await expect(page.getByRole('heading', { level: 1, name: `${facts.name} ${current.version}`, exact: true })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Files' })).toContainText(artifact.sha256);
  });
});
