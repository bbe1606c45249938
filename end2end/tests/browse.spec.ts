import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { expect, packageNames, test } from './helpers';

/** The names of the packages in the rows. */
const rowNames = (page: Page): Locator => page.getByRole('main').getByRole('listitem').getByRole('heading', { level: 3 });

/** The filters; on a narrow screen they are in a sheet, which is opened first. */
async function filters(page: Page): Promise<Locator> {
  const button = page.getByRole('button', { name: 'Filters', exact: true });
  if (await button.isVisible()) await button.click();
  const shown = page.getByRole('navigation', { name: 'Filters' });
  await expect(shown).toBeVisible();
  return shown;
}

/** How many packages the heading of the results says there are. */
async function total(page: Page): Promise<number> {
  const text = await page.getByRole('heading', { level: 2, name: / packages?\b/ }).innerText();
  return Number(text.match(/^[\d\u2009]+/)![0].replaceAll('\u2009', ''));
}

async function found(request: APIRequestContext, parameters: string): Promise<{ total: number; names: string[] }> {
  const results: { total: number; items: { name: string }[] } = await (await request.get(`/api/v1/search?${parameters}`)).json();
  return { total: results.total, names: results.items.map(({ name }) => name) };
}

test('Somebody searches from the home page', async ({ page, request }) => {
  await page.goto('/');
  const field = page.getByLabel('Search extensions');
  await field.fill('similar text');
  await field.press('Enter');
  await expect(page).toHaveURL('/search?q=similar+text');
  await expect(page).toHaveTitle('Search: similar text · pginstall');
  const expected = await found(request, 'q=similar+text');
  expect(expected.names).toContain('pg_trgm');
  await expect(rowNames(page)).toHaveText(expected.names);
  expect(await total(page)).toBe(expected.total);
  // What was searched stands in the field, to be changed.
  const next = page.getByLabel('Search extensions').filter({ visible: true });
  await expect(next).toHaveValue('similar text');
  await next.fill('hstore');
  await page.getByRole('search').filter({ visible: true }).getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL('/search?q=hstore');
  await expect(rowNames(page).first()).toHaveText('hstore');
});

test('The examples on the home page find something', async ({ page }) => {
  await page.goto('/');
  const examples = page.locator('p', { hasText: 'For example' }).getByRole('link');
  const addresses = await examples.evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
  expect(addresses.length).toBe(3);
  for (const address of addresses) {
    await page.goto(address);
    expect(await total(page), address).toBeGreaterThan(0);
  }
});

test('The search is reached from every page', async ({ page, viewport }) => {
  await page.goto('/docs');
  if (viewport!.width < 640) {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Search', exact: true }).click();
    await expect(page).toHaveURL('/search');
  }
  await page.getByLabel('Search extensions').filter({ visible: true }).fill('"quoted" & <b> 100%');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2 }).filter({ hasText: 'packages' })).toContainText('“"quoted" & <b> 100%”');
  expect(new URL(page.url()).searchParams.get('q')).toBe('"quoted" & <b> 100%');
});

test('What was asked never becomes markup', async ({ page }) => {
  const text = '</title><h1>"two"</h1><!-- &amp; {{}} \\ \'one\'';
  await page.goto(`/search?q=${encodeURIComponent(text)}`);
  await expect(page.locator('h1')).toHaveText(['Search']);
  await expect(page).toHaveTitle(`Search: ${text} · pginstall`);
  await expect(page.getByRole('heading', { level: 2 }).filter({ hasText: 'packages' })).toContainText(`“${text}”`);
  await expect(page.getByLabel('Search extensions').filter({ visible: true })).toHaveValue(text);
});

test('Somebody narrows down by filters, and takes that back by chips', async ({ page, request }) => {
  await page.goto('/packages');
  const all = await total(page);
  expect(all).toBe((await packageNames(request)).length);

  await test.step('They choose', async () => {
    await (await filters(page)).getByRole('link', { name: /^Search \d/ }).click();
    await expect(page).toHaveURL('/packages?category=search');
    await (await filters(page)).getByRole('link', { name: /^15 \d/ }).click();
    await expect(page).toHaveURL('/packages?category=search&pg=15');
    await (await filters(page)).getByRole('link', { name: /^Trusted \d/ }).click();
    await expect(page).toHaveURL('/packages?category=search&pg=15&trusted=true');
    const expected = await found(request, 'category=search&pg=15&trusted=true');
    expect(expected.total).toBeGreaterThan(0);
    expect(await total(page)).toBe(expected.total);
    await expect(rowNames(page)).toHaveText(expected.names);
    await expect((await filters(page)).locator('a[aria-current="true"]')).toHaveCount(3);
  });

  await test.step('They take it back, one after another', async () => {
    await page.goto('/packages?category=search&pg=15&trusted=true');
    const chips = page.getByRole('list', { name: 'Chosen' }).getByRole('link');
    await expect(chips).toHaveText(['Take back: Search', 'Take back: PostgreSQL 15', 'Take back: Trusted']);
    let before = await total(page);
    for (const [name, address] of [
      ['PostgreSQL 15', '/packages?category=search&trusted=true'],
      ['Trusted', '/packages?category=search'],
      ['Search', '/packages'],
    ]) {
      await chips.filter({ hasText: name }).click();
      await expect(page).toHaveURL(address);
      expect(await total(page)).toBeGreaterThanOrEqual(before);
      before = await total(page);
    }
    expect(before).toBe(all);
    await expect(chips).toHaveCount(0);
  });

  await test.step('They choose again, and clear all at once', async () => {
    await page.goto('/packages?category=search&pg=15');
    await (await filters(page)).getByRole('link', { name: 'Clear all' }).click();
    await expect(page).toHaveURL('/packages');
  });
});

test('Results are sorted by what somebody chooses', async ({ page, request }) => {
  await page.goto('/search?q=index');
  const orders = page.locator('p', { hasText: 'Sorted by' });
  await expect(orders.getByRole('link')).toHaveText(['name', 'downloads', 'last update', 'newest']);
  for (const [name, sort] of [['name', 'name'], ['last update', 'updated'], ['newest', 'created'], ['downloads', 'downloads'], ['relevance', 'relevance']]) {
    await orders.getByRole('link', { name, exact: true }).click();
    await expect(page).toHaveURL(sort === 'relevance' ? '/search?q=index' : `/search?q=index&sort=${sort}`);
    await expect(orders.getByRole('link', { name, exact: true })).toHaveCount(0);
    await expect(rowNames(page)).toHaveText((await found(request, `q=index&sort=${sort}`)).names);
  }
});

test('All packages are on the pages of results, each once', async ({ page, request }) => {
  await page.goto('/packages');
  const pages = page.getByRole('navigation', { name: 'Pages of results' });
  const [previous, next] = [pages.getByRole('link', { name: 'Previous page' }), pages.getByRole('link', { name: 'Next page' })];
  await expect(previous).toHaveCount(0);
  const names: string[] = [];
  let count = 1;
  for (; ; count += 1) {
    names.push(...(await rowNames(page).allTextContents()));
    if ((await next.count()) === 0) break;
    await next.click();
    await expect(page).toHaveURL(`/packages?page=${count + 1}`);
  }
  expect(count).toBeGreaterThan(2);
  expect(names).toEqual(await packageNames(request));
  await previous.click();
  await expect(page).toHaveURL(`/packages?page=${count - 1}`);
  await page.goto('/packages?page=99');
  await page.getByRole('link', { name: 'First page' }).click();
  await expect(page).toHaveURL('/packages');
});

test('Where nothing is found, near names and choices to loosen lead on', async ({ page }) => {
  await page.goto('/search?q=hsotoer');
  await expect(page.getByText('Nothing has these words.')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'hstore', exact: true }).click();
  await expect(page).toHaveURL('/packages/hstore');

  await page.goto('/packages?pg=10&trusted=true');
  await expect(page.getByText('Nothing matches all of these choices.')).toBeVisible();
  const choice = page.getByRole('main').getByRole('listitem').filter({ hasText: 'Without “PostgreSQL 10”' });
  const [, count] = (await choice.innerText()).match(/: (\d+) packages?$/)!;
  await choice.getByRole('link').click();
  await expect(page).toHaveURL('/packages?trusted=true');
  expect(await total(page)).toBe(Number(count));
});

test('The sheet with filters opens and closes by its buttons', async ({ page, viewport }) => {
  await page.goto('/packages');
  const sheet = page.getByRole('navigation', { name: 'Filters' });
  const open = page.getByRole('button', { name: 'Filters', exact: true });
  const close = sheet.getByRole('button', { name: 'Close' });
  if (viewport!.width >= 1024) {
    await expect(sheet).toBeVisible();
    await expect(open).toBeHidden();
    await expect(close).toBeHidden();
    return;
  }
  await expect(sheet).toBeHidden();
  await open.click();
  await expect(sheet).toBeInViewport();
  // It does not cover all of the page: beside it, a click closes it, too.
  const { y, height } = (await sheet.boundingBox())!;
  expect(y).toBeGreaterThan(40);
  expect(Math.round(y + height)).toBe(viewport!.height);
  await close.click();
  await expect(sheet).toBeHidden();
  await open.click();
  await page.mouse.click(5, 80);
  await expect(sheet).toBeHidden();
  // What is at its end can be reached.
  await open.click();
  const last = sheet.getByRole('link').last();
  await last.scrollIntoViewIfNeeded();
  await expect(last).toBeInViewport({ ratio: 1 });
  // Turned to its wide side while it is open, a tablet shows it as a sheet still, or as the column: not bare over the page.
  await page.setViewportSize({ width: 1280, height: 800 });
  const isBare = await sheet.evaluate((sheet) => sheet.matches(':popover-open') && getComputedStyle(sheet).backgroundColor === 'rgba(0, 0, 0, 0)');
  expect(isBare).toBe(false);
});

test('A tag leads to what has it', async ({ page, request }) => {
  await page.goto('/packages/odd_text');
  const tags = page.getByRole('region', { name: 'Categories and tags' });
  for (const tag of ['🐘 elephants', 'c++', 'a?b#c=d;e', '100% &amp; <b> "more"', '..a', 'חיפוש עברי']) {
    await page.goto('/packages/odd_text');
    await tags.getByRole('link', { name: tag, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(tag);
    await expect(page).toHaveTitle(`Tag: ${tag} · pginstall`);
    await expect(rowNames(page)).toHaveText(['odd_text']);
  }
  expect((await found(request, `tag=${encodeURIComponent('c++')}`)).names).toEqual(['odd_text']);
});
