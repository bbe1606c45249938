import { expect, packageOf, test } from './helpers';

test('Somebody finds an extension', async ({ page, request }) => {
  const facts = await packageOf(request, 'pg_trgm');
  const { current } = facts;
  const [artifact] = current.artifacts;
  const main = page.getByRole('main');
  const tab = (name: string) => page.getByRole('navigation', { name: 'Parts of this page' }).getByRole('link', { name: new RegExp(`^${name}\\b`) });

  await test.step('On the home page they choose a category by its tile', async () => {
    await page.goto('/');
    const tiles = page.getByRole('region', { name: 'Categories' }).getByRole('listitem');
    // All of the tile takes the pointer, not only the words of the link.
    await tiles.filter({ has: page.getByRole('link', { name: /^Search\b/ }) }).click({ position: { x: 6, y: 6 } });
    await expect(page).toHaveURL('/categories/search');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Search');
  });

  await test.step('There they choose a package by its row', async () => {
    const row = main.getByRole('listitem').filter({ has: page.getByRole('link', { name: facts.name, exact: true }) });
    await expect(row).toContainText(facts.summary!);
    await expect(row).toContainText(current.version);
    await expect(row).toContainText('no restart');
    // All of the row takes the pointer: the link covers its words, too.
    await row.getByText(facts.summary!).click({ force: true });
    await expect(page).toHaveURL(`/packages/${facts.name}`);
    await expect(page.getByRole('heading', { level: 1, name: `${facts.name} ${current.version}`, exact: true })).toBeVisible();
    await expect(page).toHaveTitle(`${facts.name} · pginstall`);
    await expect(page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link')).toHaveText(['Home', 'Search']);
  });

  await test.step('They read what it is for and what it does to the server', async () => {
    await expect(main).toContainText(facts.summary!);
    const fact = (name: string) => main.locator(`dl > div:has(> dt:text-is("${name}")) > dd`);
    for (const { postgres } of current.artifacts) {
      await expect(fact('PostgreSQL').getByRole('link', { name: `${postgres}: There is a file` })).toBeVisible();
    }
    await expect(fact('Platforms')).not.toBeEmpty();
    await expect(fact('Restart')).toHaveText(current.modules.some((module) => module.restart_on_install) ? 'Required' : 'Not needed');
    await expect(fact('Library')).toHaveText('Loaded on demand');
    await expect(fact('Trusted')).toHaveText(current.extensions.every((extension) => extension.trusted) ? 'Yes' : 'No');
    await expect(fact('Licence')).toHaveText(current.licence ?? 'not declared');
    const effects = main.getByRole('region', { name: 'What this does to your server' });
    await expect(effects).toContainText('No restart.');
    await expect(main.getByRole('region', { name: 'Install' })).toContainText(`CREATE EXTENSION ${facts.name};`);
  });

  await test.step('They look at its files', async () => {
    await expect(tab('Overview')).toHaveAttribute('aria-current', 'page');
    await tab('Files').click();
    await expect(page).toHaveURL(`/packages/${facts.name}/files`);
    const row = main.getByRole('region', { name: 'Files' }).getByRole('listitem').filter({ hasText: artifact.file_name });
    await expect(row.locator('code')).toHaveText(artifact.sha256);
    await expect(main.getByRole('region', { name: 'In the archive' })).toContainText(`extension/${facts.name}.control`);
  });

  await test.step('They take the archive, whose commands name exactly this file', async () => {
    const install = main.getByRole('region', { name: 'Install' });
    await install.getByRole('link', { name: 'Archive', exact: true }).click();
    await expect(page).toHaveURL(`/packages/${facts.name}/files?way=archive#install`);
    await expect(install).toBeInViewport();
    const lines = (await install.getByRole('group', { name: 'the commands' }).textContent())!.split('\n');
    expect(lines).toContain(`echo ${artifact.sha256}  ${artifact.file_name} | sha256sum -c`);
    const [, address] = lines[0].match(/^curl -fsSLo \S+ '([^']+)'$/)!;
    // A part of it: nothing is counted as downloaded.
    const response = await request.get(address, { headers: { range: 'bytes=0-1' } });
    expect(response.status()).toBe(206);
    expect(response.headers()['content-range']).toBe(`bytes 0-1/${artifact.size}`);
    expect(response.headers().etag).toContain(artifact.sha256);
  });

  await test.step('They look at its versions', async () => {
    await tab('Versions').click();
    await expect(page).toHaveURL(`/packages/${facts.name}/versions?way=archive`);
    const versions = main.getByRole('region', { name: 'Versions' });
    await expect(versions.getByRole('link')).toHaveText(facts.releases.map((release) => release.version));
    const link = versions.getByRole('link', { name: current.version, exact: true });
    await expect(link).toHaveAttribute('aria-current', 'true');
    await link.click();
    await expect(page).toHaveURL(`/packages/${facts.name}/${current.version}?way=archive`);
    await expect(page.getByRole('heading', { level: 1, name: `${facts.name} ${current.version}`, exact: true })).toBeVisible();
  });
});

