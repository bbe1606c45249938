import { expect, test } from './helpers';

test('The tabs are links, and keep what was picked', async ({ page }) => {
  const tabs = page.getByRole('navigation', { name: 'Parts of this page' });
  for (const [name, address, region] of [
    ['Versions', '/packages/earthdistance/versions', 'Versions'],
    ['Files', '/packages/earthdistance/files', 'Files'],
    ['Dependencies', '/packages/earthdistance/dependencies', 'Needs'],
    ['Overview', '/packages/earthdistance', 'What this does to your server'],
  ]) {
    await page.goto('/packages/earthdistance/files?way=archive&pg=15');
    const tab = tabs.getByRole('link', { name: new RegExp(`^${name}\\b`) });
    await tab.click();
    await expect(page).toHaveURL(`${address}?pg=15&way=archive`);
    await expect(tab).toHaveAttribute('aria-current', 'page');
    await expect(tabs.locator('[aria-current]')).toHaveCount(1);
    await expect(page.getByRole('region', { name: region, exact: true })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Archive', exact: true })).toHaveAttribute('aria-current', 'true');
  }
});

test('The picker changes the commands that are shown', async ({ page }) => {
  await page.goto('/packages/pg_trgm');
  const install = page.getByRole('region', { name: 'Install' });
  const way = (name: string) => install.getByRole('link', { name, exact: true });
  await expect(way('apt')).toHaveAttribute('aria-current', 'true');
  await expect(install.getByRole('group', { name: 'the command', exact: true })).toHaveText('apt-get install postgresql-15');
  await expect(install.getByRole('group', { name: 'the SQL' })).toHaveText('CREATE EXTENSION pg_trgm;');
  await way('Archive').click();
  await expect(page).toHaveURL('/packages/pg_trgm?way=archive#install');
  await expect(way('Archive')).toHaveAttribute('aria-current', 'true');
  await expect(way('apt')).not.toHaveAttribute('aria-current');
  const commands = install.getByRole('group', { name: 'the commands' });
  await expect(commands).toContainText('curl -fsSLo pg_trgm-');
  await expect(commands).toContainText('sha256sum -c');
  await expect(commands).toContainText('tar -xzf pg_trgm-');
  await expect(install).not.toContainText('apt-get');
  await way('apt').click();
  await expect(page).toHaveURL('/packages/pg_trgm?way=apt#install');
  await expect(install).toContainText('apt-get install postgresql-15');
});

test('Of two hundred files the picker names exactly the one that was picked', async ({ page, request, baseURL }) => {
  await page.goto('/packages/odd_artifacts');
  const install = page.getByRole('region', { name: 'Install' });
  await install.getByRole('link', { name: '13', exact: true }).click();
  await expect(page).toHaveURL('/packages/odd_artifacts?pg=13#install');
  await install.getByRole('link', { name: 'Alpine 3.22 · aarch64 · musl', exact: true }).click();
  await expect(page).toHaveURL('/packages/odd_artifacts?pg=13&platform=alpine-3.22-aarch64-musl#install');
  // There is no other way to this one.
  await expect(install.getByRole('link', { name: 'apt', exact: true })).toHaveCount(0);
  const [first, second] = (await install.getByRole('group', { name: 'the commands' }).textContent())!.split('\n');
  const [, file, address] = first.match(/^curl -fsSLo (\S+) '([^']+)'$/)!;
  expect(file).toBe('odd_artifacts-2.0.0-pg13-alpine-3.22-aarch64-musl.tar.gz');
  expect(address.startsWith(`${baseURL}/api/v1/packages/odd_artifacts/2.0.0/artifacts/13/alpine-3.22-aarch64-musl?`)).toBe(true);
  // Without the content: nothing is counted as downloaded.
  const response = await request.head(address);
  expect(response.status()).toBe(200);
  expect(response.headers()['content-disposition']).toContain(file);
  expect(second).toBe(`echo ${response.headers().etag.replaceAll('"', '')}  ${file} | sha256sum -c`);
  // Another major keeps the platform, a Debian has its package.
  await install.getByRole('link', { name: '17', exact: true }).click();
  await expect(install.getByRole('link', { name: 'Alpine 3.22 · aarch64 · musl', exact: true })).toHaveAttribute('aria-current', 'true');
  await install.getByRole('link', { name: 'Debian 13 · x86_64', exact: true }).click();
  await expect(install.getByRole('group', { name: 'the command', exact: true })).toHaveText('apt-get install postgresql-17-odd-artifacts');
});

test('The squares of the majors pick one, and those without a file are none', async ({ page }) => {
  await page.goto('/packages/odd_many');
  const majors = page.locator('dl > div:has(> dt:text-is("PostgreSQL")) > dd');
  await majors.getByRole('link', { name: /^14: / }).click();
  await expect(page).toHaveURL('/packages/odd_many?pg=14');
  await expect(majors.getByRole('link', { name: /^14: / })).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('region', { name: 'Install' })).toContainText('postgresql-14-odd-many');
  await page.goto('/packages/odd_yanked');
  await expect(majors.getByRole('listitem').filter({ hasText: '17' })).toHaveText('17: there is no file');
  await expect(majors.getByRole('listitem').filter({ hasText: '17' }).getByRole('link')).toHaveCount(0);
});

test('A yanked release says so and why, and leads to the current one', async ({ page }) => {
  await page.goto('/packages/odd_yanked');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('odd_yanked 1.0.0');
  await expect(page.getByRole('note')).toHaveCount(0);
  await page.goto('/packages/odd_yanked/versions');
  const row = page.getByRole('region', { name: 'Versions' }).getByRole('listitem').filter({ hasText: '1.1.0' });
  await expect(row).toContainText('yanked');
  await row.getByRole('link').click();
  await expect(page).toHaveURL('/packages/odd_yanked/1.1.0');
  const notes = page.getByRole('note');
  await expect(notes.first()).toContainText('This release was yanked');
  await expect(notes.first()).toContainText('It wrote rows of one transaction into the log of another');
  await notes.last().getByRole('link', { name: '1.0.0' }).click();
  await expect(page).toHaveURL('/packages/odd_yanked');
});

test('What is not known is said not to be known', async ({ page }) => {
  await page.goto('/packages/odd_unknown');
  const fact = (name: string) => page.locator(`dl > div:has(> dt:text-is("${name}")) > dd`);
  await expect(fact('Restart')).toHaveText('Not known');
  await expect(fact('Library')).toHaveText('Not known yet');
  await expect(fact('Licence')).toHaveText('not declared');
  await expect(page.getByRole('region', { name: 'What this does to your server' })).toContainText(
    'How the library odd_unknown must be loaded is not known yet.',
  );
});

test('A restart that is needed is said wherever it matters', async ({ page }) => {
  for (const name of ['pg_stat_statements', 'odd_many']) {
    await page.goto(`/search?q=${name}`);
    const row = page.getByRole('main').getByRole('listitem').filter({ has: page.getByRole('link', { name, exact: true }) });
    await expect.soft(row, `the row of ${name}`).toContainText('needs a restart');
    await page.goto(`/packages/${name}`);
    await expect(page.locator('dl > div:has(> dt:text-is("Restart")) > dd')).toHaveText('Required');
    await expect(page.getByRole('region', { name: 'What this does to your server' })).toContainText('must be restarted');
    await expect(page.getByRole('region', { name: 'Install' })).toContainText('then restart the server');
  }
});
